"""The loop: finds every derived table, orders them by their inputs, and rebuilds what is out of date.

The only room that knows the stages and their order; stages never call each other.
"""
