"""A Treasure Data on this machine: ingestion, import, jobs, and the tables that they fill and read.

Proved against what: no real account was reached. The requests are those that the official client, td-client for
Python, sends: it drives the import, job, database and table calls over a real socket in our tests. The answers have
the members that the client reads and that Treasure Data's published OpenAPI description of its API v3 names; the
conflict of a `domain_key` is as td-client-java reads it. td-client has no call for the Data Ingestion API; that one
follows its published page (limits, `time`, `uuid`) and the receipts as Treasure Data's own SDKs and samples read them.
Where all of these are silent, the module that chose says what it chose.

It shares no code with the connectors, so that the two cannot be wrong together.
"""
