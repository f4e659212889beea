// Package scores works out what votes alone say: the Bradley–Terry scores of
// replies, which of them run away, and in what proportion. With a reference and β
// the scores are where DPO is headed (Tilt). It may import num and data.
package scores
