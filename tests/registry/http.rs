//! What the API does as every HTTP client expects it: conditional requests, CORS, methods, safe repetition, links.

mod browsers;
mod files;
mod repetition;
mod requests;
