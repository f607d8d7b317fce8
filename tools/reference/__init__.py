"""What do the reference pages say that the code knows?"""
