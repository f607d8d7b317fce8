"""Webhook calls of a LINE Official Account, as rows."""
