"""Running the pages, keeping what they gave, the ledger of claims: Sphinx extensions, and the book's commands."""
