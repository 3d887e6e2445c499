"""The calculators: what they ask is data in `forms`, what they do is JavaScript in `static`."""
