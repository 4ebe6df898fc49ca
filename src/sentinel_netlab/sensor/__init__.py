"""
The sensor: capture sources and the pipeline from frames to alerts.
"""
