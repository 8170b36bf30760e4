"""The page that compares all carriers: the table, and tasks with a known truth."""
