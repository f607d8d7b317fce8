"""What does Treasure Data offer, and how is it said?"""
