"""What programs declare many resources with at once. Built on the resources of `adapters` and on nothing below them."""
