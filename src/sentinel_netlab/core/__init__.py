"""
What everything else speaks of: frames, alerts, observations, and their parts.
"""
