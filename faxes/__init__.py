"""What is faxed: documents, the line, carriers, faxes and everything that is done with them."""
