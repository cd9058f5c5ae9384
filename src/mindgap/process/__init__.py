"""From canonical tables to clean purchases and features; one SQL file per derived table in sql/."""
