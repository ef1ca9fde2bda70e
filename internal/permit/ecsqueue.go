package permit

import "github.com/serin-aws/serin/internal/release"

// ecsQueueLook is what looking at a queue worker needs.
func ecsQueueLook(t *release.Target) []Statement { return ecsLook(queueServices(t)) }

// ecsQueueChange is what releasing to a queue worker needs besides.
func ecsQueueChange(t *release.Target) []Statement {
	return ecsChange(t, queueServices(t), Statement{
		Actions: []string{"sqs:GetQueueAttributes", "sqs:GetQueueUrl"}, Resources: []string{"arn:{partition}:sqs:{region}:{account}:" + last(t.ECSQueue.Queue)},
		Why: "sees that both services can share the queue",
	})
}

func queueServices(t *release.Target) pair {
	q := t.ECSQueue
	return pair{cluster: last(q.Cluster), primary: last(q.PrimaryService), canary: last(q.CanaryService)}
}
