package tributary.model.tokenizer;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tributary.model.tokenizer.BpeTokenizer.AddedToken;
import tributary.model.tokenizer.MergeTable.Merge;

/// GPT-2's own tokenizer: 50,257 tokens, the last of them `<|endoftext|>`. JTokkit carries its tokens, as `r50k_base`, in
/// the order in which they were learnt; each was made of the two that all merges before it leave of its bytes.
final class Gpt2Tokenizer {
    private static final int END_OF_TEXT = 50_256;

    private Gpt2Tokenizer() {}

    static BpeTokenizer make() {
        Encoding r50k = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        List<byte[]> tokens = new ArrayList<>();
        int[] idOfByte = new int[ByteLevel.BYTES];
        List<Merge> merges = new ArrayList<>();
        MergeTable table = new MergeTable();
        IntArrayList one = new IntArrayList(1);
        one.add(0);
        for (int id = 0; id < END_OF_TEXT; id++) {
            one.set(0, id);
            byte[] token = r50k.decodeBytes(one);
            tokens.add(token);
            if (token.length == 1) {
                idOfByte[Byte.toUnsignedInt(token[0])] = id;
                continue;
            }
            int[] parts = new int[token.length];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = idOfByte[Byte.toUnsignedInt(token[i])];
            }
            parts = table.merged(parts);
            Merge merge = new Merge(parts[0], parts[1], id);
            merges.add(merge);
            table.add(merge);
        }
        tokens.add("<|endoftext|>".getBytes(StandardCharsets.UTF_8));
        return new BpeTokenizer(tokens, merges, List.of(new AddedToken("<|endoftext|>", END_OF_TEXT, true)));
    }
}
