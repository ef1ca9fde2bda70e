package ecsservice

import "github.com/serin-aws/serin/internal/release"

// Place says where the two services are.
type Place struct {
	Cluster        string // name or ARN
	PrimaryService string
	CanaryService  string
	Container      string // the container whose image is released
	Field          string // of the target's file, for errors: "ecsQueue"
}

// placeOf says where a target's two services are.
func placeOf(t release.Target) (Place, error) {
	switch {
	case t.ECSQueue != nil:
		return OnQueue(*t.ECSQueue), nil
	case t.ECSALB != nil:
		at := t.ECSALB
		return Place{Cluster: at.Cluster, PrimaryService: at.PrimaryService, CanaryService: at.CanaryService, Container: at.Container, Field: "ecsALB"}, nil
	}
	return Place{}, release.Errorf(release.Invalid, "target "+string(t.Name), "names no two services: it has no ecsQueue and no ecsALB part")
}

// OnQueue says where the two services of a queue are.
func OnQueue(q release.ECSQueue) Place {
	return Place{Cluster: q.Cluster, PrimaryService: q.PrimaryService, CanaryService: q.CanaryService, Container: q.Container, Field: "ecsQueue"}
}
