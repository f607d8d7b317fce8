"""LINE's side of a webhook, on this machine.

It makes, signs and sends calls as the Messaging API's reference and captures show them, and shares no code with the
connector, so that the two cannot be wrong together. LINE forbids load tests through its platform; these are for that.
"""
