package train

// Remember has a run keep at most so many checkpoints, so many steps apart.
func (r *Run) Remember(stride, most int) { r.stride, r.most = stride, most }
