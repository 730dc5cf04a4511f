"""Document conversion: files of any sort become fax pages, and fax pages become PDF and PNG."""
