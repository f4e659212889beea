package picture

// A Theme gives each ink its colour, as 0xRRGGBB.
type Theme [inkCount]uint32

// Light is the theme for daylight and projectors.
func Light() *Theme {
	return &Theme{
		InkPaper: 0xfbfaf7, InkCard: 0xffffff, InkText: 0x1d1f24, InkSoft: 0x5c6069, InkLine: 0xe3e0d8,
		InkPolicy: 0x0072b2, InkReference: 0x6d6d71, InkOptimum: 0x1d1f24,
		InkChosen: 0x00795a, InkRejected: 0xb04600, InkAccent: 0x0072b2, InkRival: 0x9c3d7c,
		InkPale: 0xffffff, InkDeep: 0x101318,
	}
}

// Dark is the theme for dark rooms.
func Dark() *Theme {
	return &Theme{
		InkPaper: 0x15171b, InkCard: 0x1d2026, InkText: 0xeceae4, InkSoft: 0xa6aab3, InkLine: 0x33373f,
		InkPolicy: 0x56b4e9, InkReference: 0x9a9ca3, InkOptimum: 0xf4f2ec,
		InkChosen: 0x2fc79a, InkRejected: 0xf08a4b, InkAccent: 0x56b4e9, InkRival: 0xe08fc2,
		InkPale: 0xffffff, InkDeep: 0x101318,
	}
}
