"""How do rows get on to Treasure Data?

queue    what is handed over, and what is not       one table; durable
parcel   what goes in one request                   within the writer's limits
stream   one table, handed over in its order        poison found by halves
targets  which tables, and whereto                  as project and sources say now
worker   one stream, for as long as it takes        a thread
crew     all of them                                until it is stopped
once     all of them, and no longer                 for cron, or after an outage
backlog  how far behind is a source                 for people and metrics
overdue  too far                                    a warning an hour
lock     no other drain meanwhile
rejects  which rows were set aside                  and again, please
"""
