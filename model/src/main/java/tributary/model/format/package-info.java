/// Files: safetensors, GPT-2 folders in Hugging Face's layout, and writing that survives a crash.
@NullMarked
package tributary.model.format;

import org.jspecify.annotations.NullMarked;
