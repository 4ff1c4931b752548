"""Training an adapter: examples, rollouts, distillation, losses, and the layers that are trained. In the engine only."""
