"""The sample data of the credit app: made up, believable, and the same on every machine."""
