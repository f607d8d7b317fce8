"""Workflows that run by themselves."""
