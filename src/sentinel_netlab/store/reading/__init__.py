"""What people ask of the store: lists page by page, and single rows."""
