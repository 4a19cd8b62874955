"""Record: fields, values, access, guards."""
