"""A program that ends without a word to Lambda."""
