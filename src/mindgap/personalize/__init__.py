"""What to offer whom: repeat and discovery recommendations, each with the customer's own reasons."""
