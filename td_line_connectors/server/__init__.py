"""The receiver of signed calls, as an ASGI application and as a process."""
