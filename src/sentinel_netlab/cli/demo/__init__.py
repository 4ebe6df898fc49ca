"""The demonstration: captures, and the whole way from air to database."""
