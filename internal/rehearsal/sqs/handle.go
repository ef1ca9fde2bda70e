package sqs

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (s *Service) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.GetQueueUrlInput:
		out, err = s.GetQueueUrl(ctx, in)
	case *sdk.GetQueueAttributesInput:
		out, err = s.GetQueueAttributes(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
