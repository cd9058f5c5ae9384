"""Features of customers, declared once: queries, online evaluator and catalogue follow from it."""
