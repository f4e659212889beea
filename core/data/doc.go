// Package data holds prompts, replies, votes and thumbs, compiles them into a
// Problem, and says of a value that is not allowed what is wrong with it (a
// Complaint). It may import num.
package data
