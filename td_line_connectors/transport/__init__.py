"""How do we talk to a far side that fails?

retry     try again, politely                    the door of tenacity
http      one HTTP layer for every connector     tried again where that is safe
exchange  one request, one answer                the door of requests
answers   what an HTTP answer means              statuses to errors
deadline  an answer must be whole in time        under http
quota     how many calls a window holds          the rule, and where starts are kept
leases    who may call now, and when             quota's lease and window, waited for
"""
