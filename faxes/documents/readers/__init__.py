"""Readers: one file a family of documents, each turning a file into rasters of fax pages."""
