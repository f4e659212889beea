package coretest

import "dpoplayground/core/data"

func Vote(w, l int, count float64) data.Pair { return data.Pair{Chosen: w, Rejected: l, Count: count} }
