"""What is kept: tables, queries, the queue, migrations, the check of the schema."""
