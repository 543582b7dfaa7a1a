dnl SPDX-License-Identifier: GPL-3.0-or-later
dnl
dnl REVUE_CUDA: whether the module for GPUs is built. Sets NVCC, CUDA_CODE and the conditional HAVE_CUDA.
dnl
dnl   --with-cuda        the toolkit must be there: nvcc in PATH or in /usr/local/cuda
dnl   --with-cuda=DIR    it must be there in DIR
dnl   --without-cuda     no module
dnl   none of them       the module where the toolkit is

dnl CUDA_CODE: machine code for Ampere and Hopper, and PTX of which the driver makes the code of what comes after.
AC_DEFUN([REVUE_CUDA], [
  AC_ARG_WITH([cuda],
    [AS_HELP_STRING([--with-cuda@<:@=DIR@:>@], [build the module for NVIDIA GPUs, with the toolkit in DIR (default: where it is)])],
    [], [with_cuda=guess])
  AC_ARG_VAR([NVCC], [the compiler of CUDA])
  AC_ARG_VAR([NVCCFLAGS], [its flags])
  CUDA_CODE="-gencode arch=compute_80,code=sm_80 -gencode arch=compute_90,code=sm_90 -gencode arch=compute_90,code=compute_90"
  AC_SUBST([CUDA_CODE])
  AC_SUBST([WITH_CUDA], [0])
  AS_IF([test "$with_cuda" != no], [
    AS_CASE([$with_cuda],
      [yes|guess], [AC_PATH_PROG([NVCC], [nvcc], [], [$PATH$PATH_SEPARATOR/usr/local/cuda/bin])],
      [AC_PATH_PROG([NVCC], [nvcc], [], [$with_cuda/bin])])
    AS_IF([test -n "$NVCC"], [REVUE_CUDA_WORKS([WITH_CUDA=1])])
    AC_SUBST([CUDA_LIBRARIES], [`cd "$(dirname "$NVCC")/../lib64" 2>/dev/null && pwd`])
    AS_IF([test "$WITH_CUDA$with_cuda" != 0guess && test "$WITH_CUDA" = 0],
      [AC_MSG_ERROR([no module for GPUs can be built: --with-cuda=DIR names the folder with bin/nvcc and include/cublasLt.h])])
  ])
  AM_CONDITIONAL([HAVE_CUDA], [test "$WITH_CUDA" = 1])
])

dnl REVUE_CUDA_WORKS(THEN): whether nvcc makes a shared object of a kernel and knows the headers that the module includes. One
dnl architecture is enough to know.
AC_DEFUN([REVUE_CUDA_WORKS], [
  AC_MSG_CHECKING([whether $NVCC makes a module])
  cat >conftest.cu <<'_REVUE_EOF'
#include <cublasLt.h>
#include <cuda_runtime.h>
__global__ void fill(float *x) { x@<:@threadIdx.x@:>@ = 1; }
extern "C" int entry(float *x) { fill<<<1, 32>>>(x); return CUBLAS_COMPUTE_32F; }
_REVUE_EOF
  AS_IF([$NVCC $NVCCFLAGS -std=c++17 -gencode arch=compute_90,code=sm_90 -Xcompiler -fPIC -shared -cudart static \
           -o conftest.so conftest.cu >&AS_MESSAGE_LOG_FD 2>&1],
    [AC_MSG_RESULT([yes])
     $1],
    [AC_MSG_RESULT([no])])
  rm -f conftest.cu conftest.so
])
