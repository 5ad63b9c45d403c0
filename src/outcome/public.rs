//! What a browser may see.
