"""Every connector that ships, against the sandbox's dialect of its vendor and against the vendor's own documents."""
