package ecsqueue

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/serin-aws/serin/internal/platform/ecsservice"
)

// SQS finds the queue that both services read.
type SQS interface {
	GetQueueUrl(context.Context, *sqs.GetQueueUrlInput, ...func(*sqs.Options)) (*sqs.GetQueueUrlOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Clients are the doors to AWS. The SDK's own clients fit.
type Clients struct {
	ecsservice.Clients
	SQS SQS
}

// Platform moves ecs-queue workloads. It holds no state of them: every call looks at the world.
type Platform struct {
	pair      *ecsservice.Pair
	sqs       SQS
	baselines ecsservice.Records[detail]
}

// New returns the platform over the given clients; now is the time of the account.
func New(clients Clients, now func() time.Time) *Platform {
	return &Platform{pair: ecsservice.New(clients.Clients, now), sqs: clients.SQS}
}
