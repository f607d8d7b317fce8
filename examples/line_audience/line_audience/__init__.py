"""User ids of a query become an audience of a LINE Official Account.

settings    what may it be told?
api         LINE's own words, one method a call
audience    rows become an audience
plugin      as the registry holds it
testing     LINE's side, for tests
"""
