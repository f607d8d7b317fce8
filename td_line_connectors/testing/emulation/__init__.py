"""What every emulated far side is made of: a server on a socket, and a script of what goes wrong there.

The emulators share it with each other and nothing with the connectors, so that the two sides cannot be wrong together.
"""
