package optimum

// Patience is how much work a destination may take before it is given up.
const Patience = patience
