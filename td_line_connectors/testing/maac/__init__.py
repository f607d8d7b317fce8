"""An honest MAAC on this machine.

It keeps the published contract of Crescendo Lab's MAAC Open API and shares no code with the connector, so that the
two cannot be wrong together. Where the publication is silent, the module that chose says what it chose.
"""
