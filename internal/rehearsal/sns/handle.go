package sns

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
)

// Handle answers an SDK input; handled is false where the operation is not simulated.
func (s *Service) Handle(ctx context.Context, params any) (out any, handled bool, err error) {
	switch in := params.(type) {
	case *sdk.PublishInput:
		out, err = s.Publish(ctx, in)
	default:
		return nil, false, nil
	}
	return out, true, err
}
