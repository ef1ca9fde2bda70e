// Package queueworker is a whole reference installation: from a commit to a promoted release of a queue worker.
//
//	Serin           the core, once per account and region
//	OrdersTarget    what serin knows of the worker, and may do for it; the images' repository
//	OrdersWorker    the worker: network, queue, both services, alarms, dashboard
//	OrdersPipeline  commit -> test -> image -> approval, if wanted -> release
//
// Deploy them in this order (cdk deploy --all does). The first image is pushed by hand, with the tag "initial", before
// OrdersWorker; from then on the pipeline releases. Context: connection (ARN of a CodeConnections connection),
// repository (owner/name), branch (main), approval (true for a person's approval before each release).
package queueworker

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/serin-aws/serin/examples/site"
	"github.com/serin-aws/serin/infra"
)

// Define makes the stacks of the installation.
func Define(app awscdk.App, place site.Place) []awscdk.Stack {
	stacks := site.In(app)
	core := stacks.Stack("Serin", "serin: canary releases")
	serin := infra.NewReleaser(core, "Releaser", &infra.ReleaserProps{Code: place.Programs})

	known := stacks.Stack("OrdersTarget", "orders-worker: what serin knows of it, and its images")
	target := place.Target()
	images := site.Images(known, target)
	task := site.TaskRole(known, "TaskRole", "orders-worker: what the worker may do")
	execution := site.TaskRole(known, "ExecutionRole", "orders-worker: pulls images, writes logs")
	infra.AddTarget(known, "Serin", &infra.TargetProps{Target: target, PassRoles: []awsiam.IRole{task, execution}})

	worker := stacks.Stack("OrdersWorker", "orders-worker: a queue worker with a canary")
	worker.AddDependency(known, nil)
	infra.NewQueueWorkerCanary(worker, "Worker", &infra.QueueWorkerCanaryProps{
		Target: target, Topic: serin.Topic, NewService: &infra.ServiceProps{
			Vpc: site.Network(worker), Repository: images,
			TaskRole: site.Known(worker, "TaskRole", task), ExecutionRole: site.Known(worker, "ExecutionRole", execution),
		},
	})

	pipeline := stacks.Stack("OrdersPipeline", "orders-worker: from a commit to a release")
	newPipeline(pipeline, pipelineProps{serin: serin, target: target, images: images})
	return stacks.All
}
