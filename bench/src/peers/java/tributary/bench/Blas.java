package tributary.bench;

import static org.bytedeco.openblas.global.openblas_nolapack.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas_nolapack.CblasTrans;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.openblas.global.openblas_nolapack;

/// Matrix products by a [BlasLibrary], on operands outside the heap.
final class Blas implements Contender {
    private final int threads;
    private final String library;

    Blas(int threads, BlasLibrary library) {
        this.threads = threads;
        this.library = library.load(threads);
    }

    @Override
    public String description() {
        return library + ", threads " + threads;
    }

    @Override
    public Work prepare(Workload workload) {
        if (workload instanceof Workload.MatrixProduct product) {
            return new Product(product);
        }
        throw Contender.lacks(library, workload);
    }

    @Override
    public void close() {}

    private static final class Product implements Work {
        private final Workload.MatrixProduct p;
        private final FloatPointer a;
        private final FloatPointer b;
        private final FloatPointer c;

        Product(Workload.MatrixProduct product) {
            p = product;
            a = new FloatPointer(Workload.operand(0, p.m() * p.k()));
            b = new FloatPointer(Workload.operand(1, p.k() * p.n()));
            c = new FloatPointer((long) p.m() * p.n());
        }

        @Override
        public void run() {
            openblas_nolapack.cblas_sgemm(
                    CblasRowMajor, p.transposeA() ? CblasTrans : CblasNoTrans, p.transposeB() ? CblasTrans : CblasNoTrans,
                    p.m(), p.n(), p.k(), 1f, a, p.transposeA() ? p.m() : p.k(), b, p.transposeB() ? p.k() : p.n(), 0f, c, p.n());
        }

        @Override
        public float[] result() {
            float[] result = new float[p.m() * p.n()];
            c.get(result);
            return result;
        }
    }
}
