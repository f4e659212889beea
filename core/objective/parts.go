package objective

// Parts is a loss ψ of both scores of a pair, taken apart into what a reply
// decides by itself and what only the pair does:
//
//	ψ(x, y) = p(x) + q(y) + φ(f(x) − g(y))
//
// A step takes p′, q′, f, g and their derivatives once a reply, so that a pair
// costs a subtraction and φ′.
type Parts struct {
	// Chosen is of the chosen reply: f, f′ and p′. Where it is nil f(x) = x and p = 0.
	Chosen func(x float64) Part
	// Rejected is of the rejected reply: g, g′ and q′. Where it is nil g = f and
	// q = 0; else φ is logistic and not shifted, or 0.
	Rejected func(y float64) Part
	// Link is φ; its Slope is nil where φ = 0, its Loss is not read.
	Link MarginLoss
	// Reach is the largest |f − g| for which φ is what Link's Beta, Own, Other and
	// Shift say; 0 if it is so for all.
	Reach float64
}

// A Part is what a step takes from one reply.
type Part struct {
	Height, Slope float64 // f and f′, or g and g′
	Alone         float64 // p′ or q′
}
