"""What happened, in words and pictures: from the data of a period to what people read."""
