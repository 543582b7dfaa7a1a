/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/model/norm.h"

void norm_forward(struct model *model, const struct pass *pass, float *out, float *sum, float *mean, float *rstd,
                  const float *residual, const struct norm *norm, int32_t rows, struct dropout dropout)
{
	struct backend *backend = model->network.backend;

	backend->ops->norm_forward(backend, out, pass->training ? sum : NULL, mean, rstd, sum, residual, norm->gamma,
	                           norm->beta, rows, model->config.hidden_size, model->config.layer_norm_eps, dropout);
}

void norm_backward(struct model *model, float *dx, float *dresidual, const float *dout, const float *sum,
                   const float *mean, const float *rstd, const struct norm *norm, int32_t rows, struct dropout dropout)
{
	struct backend *backend = model->network.backend;
	int32_t hidden = model->config.hidden_size;
	float *discard = model->network.activations.discard; /* [2][H] */

	backend->ops->norm_backward(backend, dx, dresidual, norm->dgamma ? norm->dgamma : discard,
	                            norm->dbeta ? norm->dbeta : discard + hidden, dout, sum, mean, rstd, norm->gamma, rows,
	                            hidden, dropout);
}
