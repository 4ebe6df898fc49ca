"""
One rule per file.
"""
